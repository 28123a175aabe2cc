"""What the plugins on Open vSwitch have in common: the switch, its pipeline, pods on it."""

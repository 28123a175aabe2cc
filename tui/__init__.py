"""k8snet-tui: Kubernetes networking, one packet at a time, in a terminal."""

__version__ = "0.1.0"

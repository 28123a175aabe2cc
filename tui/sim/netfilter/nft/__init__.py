"""nftables: tables as values, their text both ways, and a packet's way through a base chain."""

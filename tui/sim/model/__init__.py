"""Frozen values: packets, connections, and the Kubernetes objects that decide about them."""

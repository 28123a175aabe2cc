"""Files at the edge: Kubernetes objects, kube-proxy's configuration, flows to try."""

"""kube-proxy: the rules that it programs for one node."""

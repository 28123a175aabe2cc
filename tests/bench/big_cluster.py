"""A file of a big cluster: `python -m tests.bench.big_cluster FILE` writes one for the sandbox.

A hundred nodes with thirty pods each and three hundred Services, by default: the size at which
nobody reads a list any more.
"""

from __future__ import annotations

import argparse
import json
from ipaddress import ip_address
from pathlib import Path

Object = dict[str, object]

APPS_PER_TEAM = 10
"""Services of one namespace."""

_PODS = int(ip_address("10.64.0.0"))
_SERVICES = int(ip_address("10.112.0.0"))
_NODES = int(ip_address("172.16.0.0"))


def main() -> None:
    """Write the file that the command line names."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("file", type=Path)
    asked.add_argument("--nodes", type=int, default=100)
    asked.add_argument("--pods", type=int, default=3000)
    asked.add_argument("--services", type=int, default=300)
    given = asked.parse_args()
    write(given.file, given.nodes, given.pods, given.services)


def write(file: Path, nodes: int = 100, pods: int = 3000, services: int = 300) -> None:
    """Write a cluster as `kubectl get -o json` prints one."""
    items = [
        *(_node(number) for number in range(nodes)),
        *(_pod(number, nodes, services) for number in range(pods)),
        *(_service(number) for number in range(services)),
    ]
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))


def _app(number: int) -> tuple[str, str]:
    """The namespace and the name of a Service by its number."""
    return f"team-{number // APPS_PER_TEAM:02}", f"app-{number:03}"


def _node(number: int) -> Object:
    pods = ip_address(_PODS + (number << 8))
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": f"node-{number:03}"},
        "spec": {"podCIDR": f"{pods}/24", "podCIDRs": [f"{pods}/24"]},
        "status": {
            "addresses": [{"type": "InternalIP", "address": str(ip_address(_NODES + number + 1))}]
        },
    }


def _pod(number: int, nodes: int, services: int) -> Object:
    """Neighbours in the file are replicas of other Services, on other nodes."""
    app, replica, node = number % services, number // services, number % nodes
    namespace, name = _app(app)
    ip = str(ip_address(_PODS + (node << 8) + number // nodes + 2))
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "namespace": namespace,
            "name": f"{name}-{replica:02}",
            "labels": {"app": name},
        },
        "spec": {
            "nodeName": f"node-{node:03}",
            "containers": [{"name": "main", "ports": [{"containerPort": 8080}]}],
        },
        "status": {
            "phase": "Running",
            "podIP": ip,
            "podIPs": [{"ip": ip}],
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


def _service(number: int) -> Object:
    namespace, name = _app(number)
    address = str(ip_address(_SERVICES + number + 1))
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {
            "type": "ClusterIP",
            "clusterIP": address,
            "clusterIPs": [address],
            "selector": {"app": name},
            "ports": [{"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}],
        },
    }


if __name__ == "__main__":
    main()

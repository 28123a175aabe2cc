"""A large cluster loads while one waits for it."""

import gc
import json
import time
from typing import Any

import pytest

from tui.formats.cluster import parse_cluster

SERVICES = 10_000


def large_cluster() -> dict[str, Any]:
    nodes = [
        {
            "kind": "Node",
            "metadata": {"name": f"n{number}"},
            "spec": {"podCIDR": f"10.{number}.0.0/16"},
            "status": {"addresses": [{"type": "InternalIP", "address": f"192.168.1.{number}"}]},
        }
        for number in range(1, 11)
    ]
    services = [item for number in range(SERVICES) for item in service(number)]
    return {"kind": "List", "apiVersion": "v1", "items": [*nodes, *services]}


def service(number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    ip, name = f"172.16.{number // 250}.{number % 250 + 1}", f"web-{number}"
    spec = {
        "clusterIP": ip,
        "clusterIPs": [ip],
        "selector": {"app": name},
        "ports": [{"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}],
    }
    endpoints = [
        {
            "addresses": [f"10.{node}.{number // 250}.{number % 250 + 1}"],
            "conditions": {"ready": True, "serving": True, "terminating": False},
            "nodeName": f"n{node}",
            "targetRef": {"kind": "Pod", "namespace": "default", "name": f"{name}-{node}"},
        }
        for node in range(1, 6)
    ]
    labels = {"kubernetes.io/service-name": name}
    return (
        {"kind": "Service", "metadata": {"name": name}, "spec": spec},
        {
            "kind": "EndpointSlice",
            "metadata": {"name": f"{name}-x", "labels": labels},
            "addressType": "IPv4",
            "endpoints": endpoints,
            "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
        },
    )


@pytest.mark.slow
def test_ten_thousand_services() -> None:
    text = json.dumps(large_cluster())
    began = time.process_time()
    loaded = parse_cluster(text, "large.json")
    assert time.process_time() - began < 4
    assert sum(len(item.endpoints) for item in loaded.cluster.slices) == 5 * SERVICES
    assert loaded.notes == ()
    assert gc.isenabled()

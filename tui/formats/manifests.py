"""Objects as Kubernetes writes them: from the simulator's values back to plain data.

Reading what is written here gives the same value again. What the simulator does not keep
(images, uids, the labels of an EndpointSlice) is not there to be written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui.formats.endpoint_slices import HEADLESS, SERVICE_NAME
from tui.sim.model.cluster import (
    Container,
    ContainerPort,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    NetworkPolicy,
    Node,
    Pod,
    Service,
    ServiceCIDR,
    ServicePort,
)

Object = Node | Pod | Service | EndpointSlice | NetworkPolicy | ServiceCIDR
"""A value of any kind that has a manifest."""
Data = dict[str, Any]

DELETED_AT = "2026-01-01T00:00:00Z"
"""The deletionTimestamp of a pod that is going: the simulator keeps no date."""
_AFFINITY_SECONDS = 10800
_OUTSIDE = ("NodePort", "LoadBalancer")


def manifest_of(item: Object) -> Data:
    """The object as plain data, its keys in the order in which people write them."""
    match item:
        case Pod():
            return _pod(item)
        case Service():
            return _service(item)
        case EndpointSlice():
            return _slice(item)
        case Node():
            return _node(item)
        case NetworkPolicy():
            head = _head("networking.k8s.io/v1", "NetworkPolicy", item.name, item.namespace)
            return {**head, "spec": dict(item.spec)}
    ranges = {"cidrs": [str(net) for net in item.cidrs]}
    return {**_head("networking.k8s.io/v1", "ServiceCIDR", item.name), "spec": ranges}


def _head(version: str, kind: str, name: str, namespace: str = "", **more: object) -> Data:
    metadata = _given(namespace=namespace, name=name, **more)
    return {"apiVersion": version, "kind": kind, "metadata": metadata}


def _given(**fields: object) -> Data:
    """The fields that say something."""
    return {
        name: dict(value) if isinstance(value, Mapping) else value
        for name, value in fields.items()
        if value not in (None, "", 0, False) and value != [] and value != {}
    }


# ---------------------------------------------------------------- nodes and pods


def _node(node: Node) -> Data:
    ranges = [str(net) for net in node.pod_cidrs]
    internal = [{"type": "InternalIP", "address": str(ip)} for ip in node.internal_ips]
    external = [{"type": "ExternalIP", "address": str(ip)} for ip in node.external_ips]
    head = _head("v1", "Node", node.name, labels=node.labels, annotations=node.annotations)
    return {
        **head,
        **_given(
            spec=_one_or_many("podCIDR", ranges),
            status=_given(addresses=[*internal, *external]),
        ),
    }


def _pod(pod: Pod) -> Data:
    head = _head(
        "v1",
        "Pod",
        pod.name,
        pod.namespace,
        labels=pod.labels,
        annotations=pod.annotations,
        deletionTimestamp=DELETED_AT if pod.terminating else None,
    )
    spec = _given(
        nodeName=pod.node,
        hostNetwork=pod.host_network,
        hostname=pod.hostname,
        subdomain=pod.subdomain,
        dnsPolicy=pod.dns_policy if pod.dns_policy != "ClusterFirst" else None,
        containers=[_container(container) for container in pod.containers],
    )
    ready = {"type": "Ready", "status": "True" if pod.ready else "False"}
    addresses = _one_or_many("podIP", [str(ip) for ip in pod.ips], key="ip")
    return {
        **head,
        "spec": spec,
        "status": {"phase": _phase(pod), **addresses, "conditions": [ready]},
    }


def _phase(pod: Pod) -> str:
    if pod.finished:
        return "Succeeded"
    return "Running" if is_started(pod) else "Pending"


def is_started(pod: Pod) -> bool:
    """Whether a pod has been given a node and an address."""
    return bool(pod.ips) and pod.node is not None


def _container(container: Container) -> Data:
    return {
        "name": container.name,
        **_given(ports=[_container_port(port) for port in container.ports]),
    }


def _container_port(port: ContainerPort) -> Data:
    return _given(name=port.name, containerPort=port.port, protocol=port.protocol.value)


def _one_or_many(one: str, texts: list[str], key: str = "") -> Data:
    """`podIP` where there is one; with several `podIPs`, too, or as the only one."""
    if len(texts) < 2:
        return _given(**{one: texts[0] if texts else ""})
    listed = [{key: text} for text in texts] if key else texts
    return {one: texts[0], f"{one}s": listed}


# ---------------------------------------------------------------- Services


def _service(service: Service) -> Data:
    head = _head(
        "v1",
        "Service",
        service.name,
        service.namespace,
        labels=service.labels,
        annotations=service.annotations,
    )
    ingress = [{"ip": each.ip, "ipMode": each.ip_mode} for each in service.load_balancer]
    status = {"status": {"loadBalancer": {"ingress": ingress}}} if ingress else {}
    return {**head, "spec": _service_spec(service), **status}


def _service_spec(service: Service) -> Data:
    outside = service.type in _OUTSIDE or service.external_ips
    external = service.external_traffic_policy
    return {
        "type": service.type,
        **_one_or_many("clusterIP", list(service.cluster_ips)),
        **_given(
            externalName=service.external_name,
            selector=service.selector,
            ports=[_service_port(port) for port in service.ports],
            externalIPs=list(service.external_ips),
            loadBalancerSourceRanges=list(service.source_ranges),
        ),
        **({} if has_node_ports(service) else {"allocateLoadBalancerNodePorts": False}),
        "internalTrafficPolicy": service.internal_traffic_policy,
        **_given(
            externalTrafficPolicy=external if outside or external != "Cluster" else None,
            healthCheckNodePort=service.health_check_node_port,
        ),
        "sessionAffinity": service.session_affinity,
        **_affinity(service),
        **_given(
            trafficDistribution=service.traffic_distribution,
            publishNotReadyAddresses=service.publish_not_ready,
        ),
    }


def has_node_ports(service: Service) -> bool:
    """Whether a Service that may have node ports has them: a load balancer can do without."""
    without = service.ports and not any(port.node_port for port in service.ports)
    return service.type != "LoadBalancer" or not without


def _affinity(service: Service) -> Data:
    if service.session_affinity == "None" and service.affinity_timeout == _AFFINITY_SECONDS:
        return {}
    return {"sessionAffinityConfig": {"clientIP": {"timeoutSeconds": service.affinity_timeout}}}


def _service_port(port: ServicePort) -> Data:
    return _given(
        name=port.name,
        protocol=port.protocol.value,
        port=port.port,
        targetPort=port.target_port,
        nodePort=port.node_port,
    )


# ---------------------------------------------------------------- EndpointSlices


def _slice(item: EndpointSlice) -> Data:
    labels = {
        **_given(**{SERVICE_NAME: item.service}),
        **({HEADLESS: ""} if item.headless else {}),
    }
    head = _head("discovery.k8s.io/v1", "EndpointSlice", item.name, item.namespace, labels=labels)
    return {
        **head,
        "addressType": item.address_type,
        "endpoints": [_endpoint(each, item.namespace) for each in item.endpoints],
        "ports": [_endpoint_port(port) for port in item.ports],
    }


def _endpoint(endpoint: Endpoint, namespace: str) -> Data:
    hints = _given(
        forZones=[{"name": zone} for zone in endpoint.zone_hints],
        forNodes=[{"name": node} for node in endpoint.node_hints],
    )
    return {
        "addresses": list(endpoint.addresses),
        "conditions": {
            "ready": endpoint.ready,
            "serving": endpoint.serving,
            "terminating": endpoint.terminating,
        },
        **_given(
            hostname=endpoint.hostname,
            nodeName=endpoint.node,
            zone=endpoint.zone,
            hints=hints,
            targetRef=_target(endpoint, namespace),
        ),
    }


def _target(endpoint: Endpoint, namespace: str) -> Data:
    if endpoint.target is None:
        return {}
    owner, _, name = endpoint.target.removeprefix("pod/").partition("/")
    return {"kind": "Pod", "namespace": owner or namespace, "name": name}


def _endpoint_port(port: EndpointPort) -> Data:
    return _given(name=port.name, protocol=port.protocol.value, port=port.port)

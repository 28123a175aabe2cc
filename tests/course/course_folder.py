"""A small course in a folder, without faults, for tests that break it."""

from pathlib import Path

ORDER = """
format = 1
[[chapters]]
id = "first"
lessons = ["plain", "broken"]
"""
CHAPTER = "# A course\n\nAbout this.\n\n## first: The first\n\nWords.\n"
NODE = """apiVersion: v1
kind: Node
metadata: {name: node-a}
spec: {podCIDR: 10.244.0.0/24, podCIDRs: [10.244.0.0/24]}
status: {addresses: [{type: InternalIP, address: 192.168.10.1}]}
"""
CLIENT = """apiVersion: v1
kind: Pod
metadata: {namespace: shop, name: client}
spec: {nodeName: node-a, containers: [{name: shell}]}
status: {phase: Running, podIP: 10.244.0.7, podIPs: [{ip: 10.244.0.7}]}
"""
WEB = """apiVersion: v1
kind: Pod
metadata: {namespace: shop, name: web, labels: {app: web}}
spec: {nodeName: node-a, containers: [{name: web, ports: [{containerPort: 8080}]}]}
status: {phase: Running, podIP: 10.244.0.5, podIPs: [{ip: 10.244.0.5}], conditions: [
  {type: Ready, status: "True"}]}
"""
SERVICE = """apiVersion: v1
kind: Service
metadata: {namespace: shop, name: web}
spec:
  clusterIP: 10.96.0.9
  clusterIPs: [10.96.0.9]
  selector: {app: SELECTOR}
  ports: [{port: 80, protocol: TCP, targetPort: 8080}]
"""
CLUSTER = "---\n".join((NODE, CLIENT, WEB, SERVICE.replace("SELECTOR", "wbe")))
PLAIN_STEPS = """
[[steps]]
id = "guess"
kind = "predict"
packet = { from = "pod/shop/client", to = "10.244.0.5:8080" }
ask = "receiver-source"
choices = ["10.244.0.7", "10.244.0.1"]
[[steps]]
id = "look"
kind = "explore"
find = { namespace = "node/node-a", device = "cni0" }
"""
PLAIN = f"""
format = 1
teaches = ["pod"]
[world]
cluster = "../cluster.yaml"{PLAIN_STEPS}"""
PLAIN_WORDS = """# Small

A lesson.

## objectives: You can

- read

## guess: Guess

Which address of the pod?

### 10.244.0.7: its own

### 10.244.0.1: the other

No.

### because

So it is.

## look: Look

There.
"""
BROKEN = """
format = 1
level = 1
requires = ["plain"]
teaches = ["selector"]
[world]
cluster = "../cluster.yaml"
[[steps]]
id = "report"
kind = "read"
[[steps]]
id = "mend"
kind = "fix"
solution = { apply = "solution.yaml" }
wrong = [{ delete = ["Service shop/web"] }, { wait = 5 }]
[[steps.goals]]
id = "reaches"
packet = { from = "pod/shop/client", to = "svc/shop/web:80" }
wants = { connection = "established", receiver-namespace = ["pod/shop/w*", "pod/shop/x"] }
[[steps.goals]]
id = "direct"
packet = { from = "pod/shop/client", to = "pod/shop/web:8080" }
wants = { connection = "established" }
keep = true
"""
BROKEN_WORDS = """# Broken

A challenge.

## objectives: You can

- mend

## report: Report

It is refused.

## mend: Mend it

Change the selector.

### reaches: client reaches web

### direct: and directly

### hint-1

One.

### hint-2

Two.

### hint-3

Three.

### solution

Four.

### wrong-1

Gone.

### wrong-2

Time does not help.
"""
GLOSSARY = "# Words\n\nAll.\n\n## pod: pod\n\nA thing.\n\n## selector: selector\n\nLabels.\n"


def write_course(root: Path, languages: tuple[str, ...] = ("en",)) -> Path:
    """The course in a folder, its words in each language the same."""
    files = {
        "course.toml": ORDER,
        "cluster.yaml": CLUSTER,
        "plain/lesson.toml": PLAIN,
        "broken/lesson.toml": BROKEN,
        "broken/solution.yaml": SERVICE.replace("SELECTOR", "web"),
    }
    for lang in languages:
        files |= {
            f"{lang}.md": CHAPTER,
            f"plain/{lang}.md": PLAIN_WORDS,
            f"broken/{lang}.md": BROKEN_WORDS,
            f"glossary/{lang}.md": GLOSSARY,
        }
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def change(file: Path, old: str, new: str) -> None:
    """Break a file in one place."""
    text = file.read_text(encoding="utf-8")
    assert old in text, (file, old)
    file.write_text(text.replace(old, new, 1), encoding="utf-8")

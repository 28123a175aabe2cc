"""What stands under the help of commands: examples, words, exit codes."""

EXAMPLES = """\
examples:
  k8snet-tui                                        the course, where you left off
  k8snet-tui lesson service --step 3                one lesson
  k8snet-tui sandbox --cluster FILE                 free play on a cluster of your own
  k8snet-tui trace --from pod/shop/client --to svc/shop/web:80
  k8snet-tui rules --node node-a                    what kube-proxy would install there
  k8snet-tui look node/node-a -- ip route get 10.244.1.5
  kubectl get nodes,pods,services,endpointslices,networkpolicies -A -o json \\
    | k8snet-tui sandbox --cluster -
"""

PLACES = """\
places:
  pod/NS/NAME[/CONTAINER]  svc/NS/NAME:PORT  node/NAME  external/IP  a DNS name  IP[:PORT]
  a bare IP in a node's pod range is a pod there, any other comes from outside and enters at
  --node; 127.0.0.1 as destination is the source's own
"""

FLOWS = """\
many flows:
  --flows reads a JSON object a line: "src" and "dst" are IP addresses, "dport" is a port,
  "protocol" is TCP (also where it is left out), UDP or SCTP. It writes each line again, other
  keys kept, with all "outcomes" of a packet on a new connection. 127.0.0.1 and a node's own
  address as "src" are a process of the node; what comes from outside enters at --node.
    {"src": "10.244.0.7", "dst": "10.96.31.7", "dport": 80}
    {"src": "10.244.0.7", "dst": "10.96.31.7", "dport": 80, "outcomes": [{"verdict":
      "delivered", "destination": "10.244.0.5:8080", "dnat": true, "snat": null,
      "probability": 0.333}, ...]}
"""

CAPTURES = """\
captures:
  --monitor tells what `xtables-monitor --trace` (nftables mode: `nft monitor trace`) prints.
  --pcapng writes what tcpdump would catch on each device of the way, as one file with an
  interface for each device and a comment for each frame. flannel's VXLAN is on UDP port 8472,
  which Wireshark must be told: "Decode As VXLAN" there, or
    k8snet-tui trace --from pod/shop/client --to svc/shop/web:80 --pcapng way.pcapng
    wireshark -d udp.port==8472,vxlan way.pcapng
"""

MODEL = """\
rules:
  every pod reaches every pod without NAT; every node reaches every pod without NAT; a pod sees
  itself with the address that others see
  A packet is sent for every pair, or in a big cluster for parts of them, which it says. Each
  pair that does not keep a rule comes with the command that shows its packet's way.
exit codes:
  0 all hold, 1 one does not, 2 bad input
"""

SERVE = """\
who comes:
  learners      ssh -p 2222 NAME@HOST   with the join code, or with a key of --keys
  the instructor    ssh -p 2222 instructor@HOST   with a key of --instructor-keys
  They get the explorer and nothing else: no shell, no files, no forwarding. A place in it may be
  named: ssh -t -p 2222 NAME@HOST lesson service --step 3
limits, with what they are by default:
  sessions=100 sessions_each=3 logins=100 login_seconds=120 failures=60 guesses=5
  failure_minutes=10 idle_seconds=3600 session_seconds=28800 memory_mib=256
  columns=300 rows=100 unsent_kib=256 unread_seconds=60, starts=one per processor
user ids:
  As root each learner gets a user id of their own (70000 to 79999); as any other user all
  sessions have that one. None ever runs as root.
"""

TOOLS = """\
commands:
  ip [-4|-6|-d|-br|-o] addr | link [show] [DEV] [up] [master DEV] [type KIND]
  ip [-4|-6] route [show] [table N|all] [dev DEV] [match|root|exact PREFIX]
  ip route get ADDRESS [from ADDRESS] [iif DEV] [mark N]
  ip [-6] rule [show] [table N]     ip neigh [show] [dev DEV]
  bridge fdb [show] [dev DEV|br DEV]     bridge [-d] link     route -n
  on a node also what prints its rules, like iptables-save
  words may be shortened as usual: ip a, ip r, ip ru, ip n, ip -br l
examples:
  k8snet-tui look pod/shop/client -- ip addr
  k8snet-tui look node/node-a -- ip route get 10.244.1.5 from 10.244.0.7 iif cni0
"""

EXIT_CODES = """\
exit codes:
  0 delivered (--all: in every outcome), 1 not delivered, 2 bad input, 3 unknown;
  with --flows 0, or 2 at the first bad line
"""

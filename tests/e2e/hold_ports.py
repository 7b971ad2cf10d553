#!/usr/bin/env python3
"""Keeps a node's ports until it is ended: hold_ports.py COMITYD.CONF

The node may listen there, again after it stopped; no connection and no other
node of this machine is given a port meanwhile. Says "held" when they are.
"""

import re
import signal
import socket
import sys

with open(sys.argv[1], encoding="utf-8") as config:
    ports = re.findall(r'_address: "127\.0\.0\.1:(\d+)"', config.read())
held = []
for port in ports:
    held.append(socket.socket())
    # Bound beside it may who sets the same option, as listeners do.
    held[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held[-1].bind(("127.0.0.1", int(port)))
print("held", flush=True)
signal.pause()

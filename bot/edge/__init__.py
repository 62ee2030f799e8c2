"""The hardened edge: what stands between the network and the callback, and bounds what anybody can make the process do."""

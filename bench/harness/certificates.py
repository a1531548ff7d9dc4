"""A CA and a certificate of each side: P-256, by openssl. They are valid from 1970 on, as those of a
fleet should be whose boards have no clock until somebody tells them the time."""

import subprocess
from pathlib import Path

_CA_CONFIG = """\
[ca]
default_ca = own
[own]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
default_startdate = 19700101000000Z
default_enddate = 20991231235959Z
policy = names
copy_extensions = copy
[names]
commonName = supplied
[v3_ca]
basicConstraints = critical,CA:true
"""

# The collector's is good for this host, also as a machine of QEMU sees it; the agent's names its device.
_NAMES = {"ca": "DNS:ca", "collector": "DNS:localhost,IP:127.0.0.1,IP:10.0.2.2", "agent": "URI:edgefeed://device/board"}


def make_certificates(folder):
    """ca.pem, and collector and agent with .pem and .key."""
    Path(folder, "ca.conf").write_text(_CA_CONFIG, encoding="utf-8")
    Path(folder, "index.txt").touch()
    Path(folder, "serial").write_text("01", encoding="utf-8")
    _make(folder, "ca", "-selfsign", "-extensions", "v3_ca")
    for name in ("collector", "agent"):
        _make(folder, name, "-cert", "ca.pem")


def _make(folder, name, *signed):
    _openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
             "-addext", f"subjectAltName={_NAMES[name]}",
             "-keyout", f"{name}.key", "-out", f"{name}.csr")
    _openssl(folder, "ca", "-config", "ca.conf", "-batch", "-notext", "-keyfile", "ca.key", *signed,
             "-in", f"{name}.csr", "-out", f"{name}.pem")


def _openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

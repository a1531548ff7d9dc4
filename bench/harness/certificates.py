"""A CA and a certificate of each side, as docs/ tells users to make them: P-256, by openssl."""

import subprocess

_NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def make_certificates(folder):
    """ca.pem, and collector and agent with .pem and .key."""
    _openssl(folder, "req", "-x509", *_NEW_KEY, "-days", "2", "-subj", "/CN=Bench CA",
             "-keyout", "ca.key", "-out", "ca.pem")
    for name in ("collector", "agent"):
        _openssl(folder, "req", *_NEW_KEY, "-subj", f"/CN={name}", "-addext",
                 "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        _openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                 "-CAcreateserial", "-days", "2", "-copy_extensions", "copy", "-out", f"{name}.pem")


def _openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

"""Makes a board: Debian for arm64 with systemd and the agent's package, as a disk image for QEMU."""

import re
import shutil
import subprocess
from pathlib import Path

GUEST = Path(__file__).resolve().parent / "guest"
SUITE = "bookworm"
SYSTEM_PACKAGES = ("systemd-sysv", "dbus", "udev", "kmod", "iproute2", "dash", "coreutils", "grep", "busybox-static",
                   "linux-image-arm64")
# What the kernel needs to find its disk.
BOOT_MODULES = ("virtio_pci", "virtio_blk", "crc32c_generic", "ext4")
DISK_MIB = 1500

AGENT_CONFIG = """\
service_name: board
collector: {{address: "10.0.2.2:{port}"}}
tls: {{ca: ca.pem, cert: agent.pem, key: agent.key}}
outbox: {{sync_every: 10s}}
"""


class Image:
    """Files that QEMU starts: a disk, and the kernel with its initramfs."""

    def __init__(self, folder):
        self.disk, self.kernel, self.initramfs = (folder / name for name in ("disk.img", "vmlinuz", "initramfs"))


def make_image(folder, package, apt_sources, certificates, port):
    """Nothing of the package runs here: its users are made by systemd at the board's first boot."""
    tree, image = folder / "tree", Image(folder)
    subprocess.run(["mmdebstrap", "--quiet", "--variant=extract", "--architectures=arm64",
                    "--include=" + ",".join((*SYSTEM_PACKAGES, *_dependencies(package))), SUITE, str(tree),
                    *map(str, apt_sources)], check=True)
    subprocess.run(["dpkg-deb", "--extract", str(package), str(tree)], check=True)
    _configure(tree, certificates, port)
    version = next((tree / "lib/modules").iterdir()).name
    subprocess.run(["depmod", "--basedir", str(tree), version], check=True)
    shutil.copy(tree / f"boot/vmlinuz-{version}", image.kernel)
    _make_initramfs(folder / "initramfs-tree", tree, version, image.initramfs)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", str(tree), str(image.disk), f"{DISK_MIB}M"],
                   stdout=subprocess.DEVNULL, check=True)
    shutil.rmtree(tree)
    return image


def _dependencies(package):
    fields = subprocess.run(["dpkg-deb", "--field", str(package), "Architecture", "Depends"],
                            capture_output=True, text=True, check=True).stdout
    if "Architecture: arm64" not in fields:
        raise SystemExit(f"board-test: {package} is not for arm64")
    depends = re.search(r"^Depends: (.*)$", fields, re.MULTILINE)
    # The first of alternatives, without the version.
    return [re.split(r"[ |(]", each.strip())[0] for each in depends[1].split(",")] if depends else []


def _configure(tree, certificates, port):
    config = tree / "etc/edgefeed"
    config.mkdir(parents=True, exist_ok=True)
    (config / "agent.yaml").write_text(AGENT_CONFIG.format(port=port), encoding="utf-8")
    for name in ("ca.pem", "agent.pem", "agent.key"):
        shutil.copy(certificates / name, config)
        (config / name).chmod(0o640 if name.endswith(".key") else 0o644)
    # The agent refuses a key that every user can read, and its user has no number before the first boot.
    tmpfiles = tree / "etc/tmpfiles.d/agent-key.conf"
    tmpfiles.parent.mkdir(parents=True, exist_ok=True)
    tmpfiles.write_text("z /etc/edgefeed/agent.key 0640 root edgefeed-agent -\n", encoding="utf-8")
    (tree / "etc/hostname").write_text("board\n", encoding="utf-8")
    (tree / "etc/fstab").touch()
    units, wanted = tree / "etc/systemd/system", tree / "etc/systemd/system/multi-user.target.wants"
    wanted.mkdir(parents=True, exist_ok=True)
    for unit in GUEST.glob("*.service"):
        shutil.copy(unit, units)
        (wanted / unit.name).symlink_to(f"../{unit.name}")
    (wanted / "edgefeed-agent.service").symlink_to("/lib/systemd/system/edgefeed-agent.service")


def _make_initramfs(root, tree, version, result):
    for name in ("bin", "proc", "sys", "dev", "root"):
        (root / name).mkdir(parents=True)
    shutil.copy(tree / "bin/busybox", root / "bin")
    shutil.copy(GUEST / "init", root)
    (root / "init").chmod(0o755)
    modules = _with_dependencies(tree / "lib/modules" / version)
    for module in modules:
        shutil.copy(module, root)
    (root / "modules").write_text("\n".join(module.name for module in modules), encoding="utf-8")
    with open(result, "wb") as file:
        names = "\n".join(str(path.relative_to(root)) for path in [root, *root.rglob("*")])
        subprocess.run(["cpio", "--quiet", "--create", "--format=newc", "--owner=0:0"], cwd=root, stdout=file,
                       input=names.encode(), check=True)


def _with_dependencies(modules):
    """Files of BOOT_MODULES, and of what they use before them (modules.dep)."""
    uses = dict(line.split(":") for line in (modules / "modules.dep").read_text(encoding="utf-8").splitlines())
    by_name = {Path(path).stem: path for path in uses}
    ordered = []
    for name in BOOT_MODULES:
        for path in [*reversed(uses[by_name[name]].split()), by_name[name]]:
            if modules / path not in ordered:
                ordered.append(modules / path)
    return ordered

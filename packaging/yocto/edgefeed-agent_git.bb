SUMMARY = "Telemetry agent for fleets of Linux devices"
DESCRIPTION = "Reads the machine from /proc and /sys and feeds an Edgefeed collector by gRPC."
LICENSE = "Apache-2.0"
LIC_FILES_CHKSUM = "file://LICENSE;md5=3b83ef96387f14655fc854ddc3c6bd57"

# Where your copy of the sources is; say it in local.conf or in a .bbappend.
EDGEFEED_GIT ?= "git://git.example.com/edgefeed.git;protocol=https;branch=main"
SRC_URI = "${EDGEFEED_GIT}"
SRCREV ?= "${AUTOREV}"
PV = "0.1.0+git"
S = "${WORKDIR}/git"

# meta-oe has all of these but openssl, boost, procps and zstd, which are of oe-core.
DEPENDS = " \
    abseil-cpp boost cli11 grpc grpc-native openssl procps protobuf protobuf-native spdlog yaml-cpp zstd \
"

inherit cmake pkgconfig systemd update-rc.d useradd

EXTRA_OECMAKE = "-DEDGEFEED_AGENT_ONLY=ON -DEDGEFEED_TESTS=OFF"

do_install:append() {
    # CMake puts it below the prefix; where systemd looks is up to the distribution.
    if [ "${prefix}/lib/systemd/system" != "${systemd_system_unitdir}" ]; then
        install -d ${D}${systemd_system_unitdir}
        mv ${D}${prefix}/lib/systemd/system/edgefeed-agent* ${D}${systemd_system_unitdir}
        rm -rf ${D}${prefix}/lib/systemd
    fi
    # The classes make the user, and the unit its directory.
    rm -rf ${D}${prefix}/lib/sysusers.d ${D}${prefix}/lib/tmpfiles.d
    install -D -m 0755 ${S}/packaging/sysv/edgefeed-agent ${D}${INIT_D_DIR}/edgefeed-agent
}

FILES:${PN} += "${systemd_system_unitdir} ${datadir}/bash-completion"
CONFFILES:${PN} = "${sysconfdir}/edgefeed/agent.yaml"

SYSTEMD_SERVICE:${PN} = "edgefeed-agent.service edgefeed-agent-renew.timer"
INITSCRIPT_NAME = "edgefeed-agent"
INITSCRIPT_PARAMS = "defaults 80 20"

USERADD_PACKAGES = "${PN}"
USERADD_PARAM:${PN} = " \
    --system --user-group --no-create-home --home-dir ${localstatedir}/lib/edgefeed-agent \
    --shell /sbin/nologin edgefeed-agent \
"

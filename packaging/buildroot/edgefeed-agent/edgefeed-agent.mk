################################################################################
#
# edgefeed-agent
#
################################################################################

EDGEFEED_AGENT_VERSION = 0.1.0
# The tree that this file lies in: Edgefeed is a BR2_EXTERNAL tree of its own.
EDGEFEED_AGENT_SITE = $(BR2_EXTERNAL_EDGEFEED_PATH)/../..
EDGEFEED_AGENT_SITE_METHOD = local
EDGEFEED_AGENT_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS = --exclude=build --exclude=node_modules
EDGEFEED_AGENT_LICENSE = Apache-2.0
EDGEFEED_AGENT_LICENSE_FILES = LICENSE
EDGEFEED_AGENT_DEPENDENCIES = \
	boost \
	cli11 \
	grpc \
	host-grpc \
	host-pkgconf \
	host-protobuf \
	libabseil-cpp \
	openssl \
	procps-ng \
	protobuf \
	spdlog \
	yaml-cpp \
	zstd
EDGEFEED_AGENT_CONF_OPTS = \
	-DEDGEFEED_AGENT_ONLY=ON \
	-DEDGEFEED_TESTS=OFF

# The unit comes with the rest; systemd's sysusers and Buildroot make the same user.
define EDGEFEED_AGENT_INSTALL_INIT_SYSV
	$(INSTALL) -D -m 0755 $(@D)/packaging/sysv/edgefeed-agent \
		$(TARGET_DIR)/etc/init.d/S80edgefeed-agent
endef

define EDGEFEED_AGENT_USERS
	edgefeed-agent -1 edgefeed-agent -1 * /var/lib/edgefeed-agent - - Edgefeed agent
endef

$(eval $(cmake-package))

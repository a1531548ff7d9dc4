# The Debian packages: `cpack -G DEB` makes one of each component of EdgefeedInstall, and one of its
# debug symbols. `scripts/package` builds what goes into them, and calls it.
if(EDGEFEED_AGENT_ONLY)
  return()
endif()

# The changelog says what is packaged: 0.1.0-1 is the first packaging of 0.1.0.
file(STRINGS "${PROJECT_SOURCE_DIR}/packaging/debian/changelog" head LIMIT_COUNT 1)
string(REGEX MATCH "\\(([^)]*)-([0-9]+)\\)" head "${head}")
if(NOT CMAKE_MATCH_1 STREQUAL PROJECT_VERSION)
  message(FATAL_ERROR "packaging/debian/changelog is about ${CMAKE_MATCH_1}, the project is ${PROJECT_VERSION}")
endif()
set(CPACK_DEBIAN_PACKAGE_RELEASE ${CMAKE_MATCH_2})
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS packaging/debian/changelog)
file(STRINGS "${PROJECT_SOURCE_DIR}/packaging/debian/changelog" maintainer REGEX "^ -- ")
list(GET maintainer 0 maintainer)
string(REGEX REPLACE "^ -- (.*>)  .*" "\\1" CPACK_DEBIAN_PACKAGE_MAINTAINER "${maintainer}")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL agent collector ctl)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
# The symbols are large: xz would take minutes.
set(CPACK_DEBIAN_COMPRESSION_TYPE gzip)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_DEBUGINFO_PACKAGE ON)
if(CMAKE_CROSSCOMPILING)
  set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE ${EDGEFEED_DEBIAN_ARCHITECTURE})
  set(CPACK_OBJCOPY_EXECUTABLE ${CMAKE_OBJCOPY})
  set(CPACK_READELF_EXECUTABLE ${CMAKE_READELF})
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS
    "${EDGEFEED_SYSROOT}/lib/${EDGEFEED_TRIPLE}" "${EDGEFEED_SYSROOT}/usr/lib/${EDGEFEED_TRIPLE}"
    "${EDGEFEED_SYSROOT}/lib")
endif()

set(edgefeed_packaging "${PROJECT_BINARY_DIR}/packaging")
file(MAKE_DIRECTORY "${edgefeed_packaging}")
add_custom_command(OUTPUT "${edgefeed_packaging}/changelog.Debian.gz"
  COMMAND sh -c "gzip -9n <packaging/debian/changelog >'${edgefeed_packaging}/changelog.Debian.gz'"
  WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}" DEPENDS packaging/debian/changelog VERBATIM)
add_custom_target(edgefeed_changelog ALL DEPENDS "${edgefeed_packaging}/changelog.Debian.gz")
add_custom_target(edgefeed_packages DEPENDS edgefeed-agent edgefeed-collector edgefeed-inspect edgefeedctl
  edgefeed_manual edgefeed_changelog)

# edgefeed_package(COMPONENT DESCRIPTION): the description's first line is the summary.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
macro(edgefeed_package component description)
  set(component ${component})  # For the files that name it.
  string(TOUPPER ${component} COMPONENT)
  set(CPACK_DEBIAN_${COMPONENT}_PACKAGE_NAME edgefeed-${component})
  set(CPACK_DEBIAN_${COMPONENT}_DESCRIPTION "${description}")
  install(FILES packaging/debian/copyright "${edgefeed_packaging}/changelog.Debian.gz"
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/edgefeed-${component} COMPONENT ${component})
  configure_file(packaging/debian/lintian-overrides.in "${edgefeed_packaging}/overrides/edgefeed-${component}" @ONLY)
  install(FILES "${edgefeed_packaging}/overrides/edgefeed-${component}"
    DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides COMPONENT ${component})
endmacro()

# A package with a service: its user, its directory and its configuration.
macro(edgefeed_package_service role)
  set(role ${role})
  string(TOUPPER ${role} COMPONENT)
  set(control "${edgefeed_packaging}/${role}")
  set(CPACK_DEBIAN_${COMPONENT}_PACKAGE_DEPENDS
    "systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles")
  foreach(script postinst prerm postrm)
    configure_file(packaging/debian/${script}.in "${control}/${script}" @ONLY USE_SOURCE_PERMISSIONS)
  endforeach()
  file(WRITE "${control}/conffiles" "/etc/edgefeed/${role}.yaml\n")
  set(CPACK_DEBIAN_${COMPONENT}_PACKAGE_CONTROL_EXTRA
    "${control}/postinst;${control}/prerm;${control}/postrm;${control}/conffiles")
endmacro()

edgefeed_package(agent [[Telemetry agent for fleets of Linux devices
Reads CPU, memory, disks, network, temperatures and more from /proc and /sys,
and feeds a collector by gRPC. Samples wait on disk while the collector is
away, alerts come back and run a command, and crash dumps are picked up and
uploaded.]])
set(before_removal "\
  # The kernel must not hand cores to a program that is gone.
  if [ -e /etc/sysctl.d/60-edgefeed-capture.conf ]; then
    edgefeed-agent capture --uninstall >/dev/null || true
  fi
")
set(units "edgefeed-agent.service edgefeed-agent-renew.timer")
edgefeed_package_service(agent)

edgefeed_package(collector [[Collector of telemetry for fleets of Linux devices
Takes the feeds of edgefeed-agent, stores every sample, checks each against
rules and answers with alerts. Serves the newest state and the history by gRPC,
a web page and metrics for Prometheus, and keeps uploaded files and crash
dumps.]])
set(CPACK_DEBIAN_COLLECTOR_PACKAGE_RECOMMENDS "edgefeed-ctl, ca-certificates")
set(before_removal "")
set(units edgefeed-collector.service)
edgefeed_package_service(collector)

edgefeed_package(ctl [[Command line of Edgefeed, telemetry for fleets of devices
Asks an edgefeed-collector for its devices, their newest samples, plots of what
they measured and the dumps of what crashed on them. Makes backups of the
history and uploads files.]])

include(CPack)

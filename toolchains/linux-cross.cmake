# What the toolchain files share. They set EDGEFEED_TRIPLE and CMAKE_SYSTEM_PROCESSOR.
#
# EDGEFEED_SYSROOT, a cache or an environment variable, names the sysroot: by default the one that
# `scripts/setup --target` makes. CXX in the environment, as a board SDK sets it, wins over Debian's
# cross compiler.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES EDGEFEED_SYSROOT)

if(NOT EDGEFEED_SYSROOT)
  if(DEFINED ENV{EDGEFEED_SYSROOT})
    set(EDGEFEED_SYSROOT "$ENV{EDGEFEED_SYSROOT}")
  else()
    set(EDGEFEED_SYSROOT "${CMAKE_CURRENT_LIST_DIR}/../build/sysroot/${EDGEFEED_DEBIAN_ARCHITECTURE}")
  endif()
endif()
get_filename_component(EDGEFEED_SYSROOT "${EDGEFEED_SYSROOT}" ABSOLUTE)
if(NOT IS_DIRECTORY "${EDGEFEED_SYSROOT}")
  message(FATAL_ERROR "There is no sysroot ${EDGEFEED_SYSROOT}: make it with "
    "`scripts/setup --target ${EDGEFEED_DEBIAN_ARCHITECTURE}`, or name another with EDGEFEED_SYSROOT.")
endif()
set(EDGEFEED_SYSROOT "${EDGEFEED_SYSROOT}" CACHE PATH "What is compiled and linked against")
set(CMAKE_SYSROOT "${EDGEFEED_SYSROOT}")

if(NOT DEFINED ENV{CXX})
  set(CMAKE_CXX_COMPILER ${EDGEFEED_TRIPLE}-g++)
endif()
set(CMAKE_LIBRARY_ARCHITECTURE ${EDGEFEED_TRIPLE})

# Programs (protoc, grpc_cpp_plugin) are the host's, everything else the sysroot's.
set(CMAKE_FIND_ROOT_PATH "${EDGEFEED_SYSROOT}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} "${EDGEFEED_SYSROOT}")
set(ENV{PKG_CONFIG_PATH} "")
set(ENV{PKG_CONFIG_LIBDIR} "${EDGEFEED_SYSROOT}/usr/lib/${EDGEFEED_TRIPLE}/pkgconfig:${EDGEFEED_SYSROOT}/usr/lib/pkgconfig:${EDGEFEED_SYSROOT}/usr/share/pkgconfig")

# Tests run where there is no board.
find_program(EDGEFEED_QEMU qemu-${EDGEFEED_QEMU_ARCHITECTURE} NO_CMAKE_FIND_ROOT_PATH)
if(EDGEFEED_QEMU)
  set(CMAKE_CROSSCOMPILING_EMULATOR "${EDGEFEED_QEMU};-L;${EDGEFEED_SYSROOT}")
endif()

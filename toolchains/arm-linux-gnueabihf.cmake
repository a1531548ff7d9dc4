# 32-bit ARM boards with a floating-point unit (ARMv7).
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(EDGEFEED_TRIPLE arm-linux-gnueabihf)
set(EDGEFEED_DEBIAN_ARCHITECTURE armhf)
set(EDGEFEED_QEMU_ARCHITECTURE arm)
include("${CMAKE_CURRENT_LIST_DIR}/linux-cross.cmake")
# GCC notes hundreds of times that it passes some arguments otherwise than GCC 6 did.
add_compile_options(-Wno-psabi)

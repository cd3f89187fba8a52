// For the preprocessor: the parts of the Rust target that the C compiler compiles for, as string literals; nothing if
// it is unknown. All compilers define these macros, according to all options, while names such as arm-linux-gnueabihf
// are ambiguous.
#if defined(__x86_64__) && !defined(__ILP32__) || defined(_M_X64) && !defined(_M_ARM64EC)
# define USERVOICE_ARCH "x86_64"
#elif defined(__i386__) || defined(_M_IX86)
# define USERVOICE_ARCH "i686"
#elif defined(__aarch64__) && !defined(__ILP32__) && !defined(__AARCH64EB__) || defined(_M_ARM64)
# define USERVOICE_ARCH "aarch64"
#elif defined(__arm__) && __ARM_ARCH >= 7 && !defined(__ARMEB__)
# define USERVOICE_ARCH "armv7"
#elif defined(__riscv) && __riscv_xlen == 64 && defined(__riscv_float_abi_double)
# define USERVOICE_ARCH "riscv64gc"
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
# define USERVOICE_ARCH "powerpc64le"
#elif defined(__s390x__)
# define USERVOICE_ARCH "s390x"
#elif defined(__loongarch64)
# define USERVOICE_ARCH "loongarch64"
#endif

#if defined(__linux__) && !defined(__ANDROID__)
# include <features.h>
# if defined(__GLIBC__) && !defined(__UCLIBC__)
#  define USERVOICE_SYSTEM "-unknown-linux-gnu"
# elif !defined(__UCLIBC__)
#  define USERVOICE_SYSTEM "-unknown-linux-musl"
# endif
#elif defined(__MINGW32__)
# define USERVOICE_SYSTEM "-pc-windows-gnu"
#elif defined(_MSC_VER)
# define USERVOICE_SYSTEM "-pc-windows-msvc"
#elif defined(__ENVIRONMENT_MAC_OS_X_VERSION_MIN_REQUIRED__)
# define USERVOICE_SYSTEM "-apple-darwin"
#endif

#if defined(__linux__) && defined(__ARM_PCS_VFP)
# define USERVOICE_FLOAT "eabihf"
#elif defined(__linux__) && defined(__arm__)
# define USERVOICE_FLOAT "eabi"
#else
# define USERVOICE_FLOAT ""
#endif

#if defined(USERVOICE_ARCH) && defined(USERVOICE_SYSTEM)
uservoice_rust_target = USERVOICE_ARCH USERVOICE_SYSTEM USERVOICE_FLOAT
#endif

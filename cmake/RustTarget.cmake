# uservoice_find_rust_target(RESULT) sets RESULT to the Rust target that the C compiler compiles for, or to nothing if
# that is what rustc compiles for by default. USERVOICE_RUST_TARGET overrides it. Stops if Rust's standard library for
# the target is missing, instead of building a library for another machine.
#
# Corrosion would need more lines here: for Linux it knows no target but the host's.

# Sets RESULT to what the preprocessor says in rust-target.h.
function(uservoice_rust_target_of_compiler result)
    separate_arguments(options UNIX_COMMAND "${CMAKE_C_COMPILER_ARG1} ${CMAKE_C_FLAGS}")
    if(CMAKE_C_COMPILER_TARGET)
        list(APPEND options "--target=${CMAKE_C_COMPILER_TARGET}")
    endif()
    if(CMAKE_SYSROOT)
        list(APPEND options "--sysroot=${CMAKE_SYSROOT}")
    endif()
    list(LENGTH CMAKE_OSX_ARCHITECTURES architectures)
    if(architectures GREATER 1)
        message(FATAL_ERROR "CMAKE_OSX_ARCHITECTURES is ${CMAKE_OSX_ARCHITECTURES}: build once for each, and join the "
            "libraries with lipo")
    endif()
    if(CMAKE_OSX_ARCHITECTURES)
        list(APPEND options -arch "${CMAKE_OSX_ARCHITECTURES}")
    endif()
    execute_process(COMMAND "${CMAKE_C_COMPILER}" ${options} -E "${CMAKE_CURRENT_SOURCE_DIR}/cmake/rust-target.h"
        OUTPUT_VARIABLE output ERROR_VARIABLE notes)
    if(NOT output MATCHES "uservoice_rust_target = ([^\r\n]+)")
        message(FATAL_ERROR "${CMAKE_C_COMPILER} compiles for a system for which no Rust target is known: set "
            "USERVOICE_RUST_TARGET to a target of `rustc --print target-list`\n${notes}")
    endif()
    string(REGEX REPLACE "[\" ]" "" target "${CMAKE_MATCH_1}")
    set(${result} "${target}" PARENT_SCOPE)
endfunction()

# Stops if the toolchain file names another machine than the compiler compiles for, as it does if it sets no compiler.
function(uservoice_check_processor target)
    set(same "^(x86_64|amd64|x64)$" "^(i[3-6]86|x86)$" "^(aarch64|arm64)$" "^(arm|armv7.*)$" "^riscv64$" "^ppc64le$")
    string(TOLOWER "${CMAKE_SYSTEM_PROCESSOR}" processor)
    string(REGEX MATCH "^[^-]+" arch "${target}")
    string(REGEX REPLACE "gc$" "" arch "${arch}")
    string(REPLACE "powerpc64le" "ppc64le" arch "${arch}")
    foreach(names IN LISTS same)
        if(CMAKE_CROSSCOMPILING AND processor MATCHES "${names}" AND NOT arch MATCHES "${names}")
            message(FATAL_ERROR "CMAKE_SYSTEM_PROCESSOR is ${CMAKE_SYSTEM_PROCESSOR}, but ${CMAKE_C_COMPILER} "
                "compiles for ${target}: set CMAKE_C_COMPILER in the toolchain file, or USERVOICE_RUST_TARGET")
        endif()
    endforeach()
endfunction()

# Sets RESULT to what rustc prints. As in the build, rust-toolchain.toml selects the rustc.
function(uservoice_ask_rustc result)
    execute_process(COMMAND "${RUSTC}" ${ARGN} WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
        OUTPUT_VARIABLE output OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_VARIABLE notes RESULT_VARIABLE failed)
    if(failed)
        list(JOIN ARGN " " options)
        message(FATAL_ERROR "${RUSTC} ${options} failed:\n${notes}")
    endif()
    set(${result} "${output}" PARENT_SCOPE)
endfunction()

function(uservoice_find_rust_target result)
    set(USERVOICE_RUST_TARGET "" CACHE STRING "The Rust target; by default the one of the C compiler")
    set(target "${USERVOICE_RUST_TARGET}")
    if(NOT target)
        uservoice_rust_target_of_compiler(target)
        uservoice_check_processor("${target}")
    endif()
    set(${result} "" PARENT_SCOPE)
    uservoice_ask_rustc(version --version --verbose)
    string(REGEX MATCH "host: ([^\n]+)" host "${version}")
    set(host "${CMAKE_MATCH_1}")
    # Distributions write their own name in the middle: x86_64-alpine-linux-musl.
    string(REGEX REPLACE "-[^-]+-linux-" "-unknown-linux-" plain_host "${host}")
    if(target STREQUAL host OR target STREQUAL plain_host)
        return()
    endif()
    uservoice_ask_rustc(directory --print target-libdir --target "${target}")
    file(GLOB standard_library "${directory}/libstd-*.rlib")
    if(NOT standard_library)
        message(FATAL_ERROR "Rust's standard library for ${target} is not installed in ${directory}: run "
            "`rustup target add ${target}`, or install the package of your distribution")
    endif()
    message(STATUS "Rust target: ${target}")
    set(${result} "${target}" PARENT_SCOPE)
endfunction()

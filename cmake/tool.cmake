# Builds and installs the command-line tool, with its manual pages and completions.

set(tool "${out}/tool")
set(program "uservoice${CMAKE_EXECUTABLE_SUFFIX}")
# A program for another system cannot print its manual here, unless there is an emulator.
if(NOT CMAKE_CROSSCOMPILING OR CMAKE_CROSSCOMPILING_EMULATOR)
    set(run_tool ${CMAKE_CROSSCOMPILING_EMULATOR} "${tool}/${program}")
    set(print_pages
        COMMAND ${CMAKE_COMMAND} -E make_directory "${tool}/man" "${tool}/completions"
        COMMAND ${run_tool} man "${tool}/man"
        COMMAND ${run_tool} completion bash > "${tool}/completions/uservoice"
        COMMAND ${run_tool} completion zsh > "${tool}/completions/_uservoice"
        COMMAND ${run_tool} completion fish > "${tool}/completions/uservoice.fish")
endif()

# After the archive, because cargo writes the library again, with other options.
add_custom_target(uservoice_tool ALL
    COMMAND ${CMAKE_COMMAND} -E env ${cargo_env}
            "${CARGO}" build --package uservoice-cli --locked ${cargo_options}
    COMMAND ${CMAKE_COMMAND} -E make_directory "${tool}"
    COMMAND ${copy_binary} "${built}/${program}" "${tool}/${program}"
    ${print_pages}
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    COMMENT "cargo build of the tool (${profile_dir})"
    VERBATIM)
add_dependencies(uservoice_tool uservoice_archive)

# As part of another project, install nothing.
if(NOT CMAKE_SOURCE_DIR STREQUAL CMAKE_CURRENT_SOURCE_DIR)
    return()
endif()
install(PROGRAMS "${tool}/${program}" DESTINATION "${CMAKE_INSTALL_BINDIR}")
if(print_pages)
    install(DIRECTORY "${tool}/man/" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
    set(completions "${tool}/completions")
    install(FILES "${completions}/uservoice"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
    install(FILES "${completions}/_uservoice"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions")
    install(FILES "${completions}/uservoice.fish"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
endif()

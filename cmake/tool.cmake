# Builds and installs the command-line tool, with its manual pages and completions.

set(tool "uservoice${CMAKE_EXECUTABLE_SUFFIX}")
set(tool_out "${out}/tool")
# A program for another system cannot print its manual here, unless there is an emulator.
set(print_pages "")
if(NOT rust_target OR CMAKE_CROSSCOMPILING_EMULATOR)
    set(run_tool ${CMAKE_CROSSCOMPILING_EMULATOR} "${tool_out}/${tool}")
    set(print_pages
        COMMAND ${CMAKE_COMMAND} -E make_directory "${tool_out}/man" "${tool_out}/completions"
        COMMAND ${run_tool} man "${tool_out}/man"
        COMMAND ${run_tool} completion bash > "${tool_out}/completions/uservoice"
        COMMAND ${run_tool} completion zsh > "${tool_out}/completions/_uservoice"
        COMMAND ${run_tool} completion fish > "${tool_out}/completions/uservoice.fish")
endif()

# After the library, because cargo writes that again, with other options.
add_custom_target(uservoice_tool ALL
    COMMAND ${cargo} build --package uservoice-cli ${cargo_options}
    COMMAND ${CMAKE_COMMAND} -E make_directory "${tool_out}"
    COMMAND "${copy_binary}" "${built}/${tool}" "${tool_out}/${tool}"
    ${print_pages}
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    COMMENT "cargo build of the tool"
    COMMAND_EXPAND_LISTS VERBATIM)
add_dependencies(uservoice_tool uservoice_files)

if(NOT USERVOICE_INSTALL)
    return()
endif()
install(PROGRAMS "${tool_out}/${tool}" DESTINATION "${CMAKE_INSTALL_BINDIR}")
if(print_pages)
    install(DIRECTORY "${tool_out}/man/" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
    set(completions "${tool_out}/completions")
    install(FILES "${completions}/uservoice"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
    install(FILES "${completions}/_uservoice"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions")
    install(FILES "${completions}/uservoice.fish"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
endif()

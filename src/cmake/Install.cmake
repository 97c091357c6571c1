# The manual page, and what `cmake --install` puts where.
include(GNUInstallDirs)

set(AIPROF_MANUAL_PAGE ${PROJECT_BINARY_DIR}/aiprof.1)
set(manual ${PROJECT_SOURCE_DIR}/src/cli/manual.sh)
add_custom_command(
  OUTPUT ${AIPROF_MANUAL_PAGE}
  COMMAND sh ${manual} $<TARGET_FILE:aiprof> ${PROJECT_VERSION} > ${AIPROF_MANUAL_PAGE}.new
  COMMAND ${CMAKE_COMMAND} -E rename ${AIPROF_MANUAL_PAGE}.new ${AIPROF_MANUAL_PAGE}
  DEPENDS aiprof ${manual}
  COMMENT "Writing the manual page"
  VERBATIM)
add_custom_target(manual_page ALL DEPENDS ${AIPROF_MANUAL_PAGE})

set(completions ${PROJECT_SOURCE_DIR}/src/cli/completions)
install(TARGETS aiprof RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${AIPROF_MANUAL_PAGE} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${completions}/aiprof.bash RENAME aiprof
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${completions}/_aiprof DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${completions}/aiprof.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

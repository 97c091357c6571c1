# The target `tidy`: clang-tidy on every source of src/. A source is looked at again only when it,
# a header of the project that it includes, or .clang-tidy has changed. Nothing is compiled for it:
# the flags are those of compile_commands.json.
find_program(AIPROF_CLANG_TIDY clang-tidy-14 DOC "clang-tidy; other versions find other things")
if(NOT AIPROF_CLANG_TIDY)
  add_custom_target(tidy COMMAND ${CMAKE_COMMAND} -E echo "clang-tidy-14 was not found"
                         COMMAND ${CMAKE_COMMAND} -E false)
  return()
endif()

set(stamps "")
file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*.cpp)
foreach(source IN LISTS sources)
  file(RELATIVE_PATH name ${PROJECT_SOURCE_DIR}/src ${source})
  set(stamp ${PROJECT_BINARY_DIR}/tidy/${name})
  get_filename_component(folder ${stamp} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  # The compiler lists the headers; clang-tidy counts suppressed warnings on stderr, which says
  # something only where it fails.
  add_custom_command(
    OUTPUT ${stamp}.ok
    COMMAND ${CMAKE_CXX_COMPILER} -std=c++20 -I${PROJECT_SOURCE_DIR}/include
            -I${PROJECT_SOURCE_DIR}/src -MM -MT ${stamp}.ok -MF ${stamp}.d ${source}
    COMMAND ${AIPROF_CLANG_TIDY} -p ${PROJECT_BINARY_DIR} --quiet --extra-arg=-Wno-error ${source}
            2>tidy/${name}.err || (cat tidy/${name}.err && false)
    COMMAND ${CMAKE_COMMAND} -E touch ${stamp}.ok
    DEPENDS ${source} ${PROJECT_SOURCE_DIR}/.clang-tidy
    DEPFILE ${stamp}.d
    COMMENT "clang-tidy ${name}")
  list(APPEND stamps ${stamp}.ok)
endforeach()
add_custom_target(tidy DEPENDS ${stamps})

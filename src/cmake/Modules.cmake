# Warnings and sanitizers shared by every target.
add_library(aiprof_flags INTERFACE)
target_compile_options(aiprof_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow
                                               -Wno-missing-field-initializers)
# g++ 12 sees overlapping copies in every optimised `"text" + string` (GCC bug 105651).
target_compile_options(
  aiprof_flags INTERFACE $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-restrict>)
if(AIPROF_WERROR)
  target_compile_options(aiprof_flags INTERFACE -Werror)
endif()
if(AIPROF_SANITIZE)
  target_compile_options(aiprof_flags INTERFACE -fsanitize=address,undefined
                                                -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(aiprof_flags INTERFACE -fsanitize=address,undefined)
  # g++ 12 takes parts of <functional> and <regex> that sanitizers look at for uninitialised
  # (GCC bug 105562).
  target_compile_options(aiprof_flags INTERFACE
                         $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
if(AIPROF_FUZZ)
  # Without it libFuzzer does not see which inputs reach new code.
  target_compile_options(aiprof_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# aiprof_module(NAME DEPENDS module... [LIBS target...]) makes the static library of src/NAME.
# DEPENDS are the only other modules whose headers NAME may include (docs/architecture.md).
function(aiprof_module name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  add_library(aiprof_${name} STATIC ${sources})
  target_include_directories(aiprof_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include
                                            PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(aiprof_${name} PRIVATE aiprof_flags fmt::fmt ${ARG_LIBS})
  foreach(module IN LISTS ARG_DEPENDS)
    target_link_libraries(aiprof_${name} PUBLIC aiprof_${module})
  endforeach()
endfunction()

# aiprof_test(NAME SOURCES file... [MODULES module...] [LIBS target...]) adds one gtest program.
function(aiprof_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;MODULES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${name} PRIVATE AIPROF_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE aiprof_flags fmt::fmt GTest::gtest_main ${ARG_LIBS})
  foreach(module IN LISTS ARG_MODULES)
    target_link_libraries(${name} PRIVATE aiprof_${module})
  endforeach()
  add_test(NAME ${name} COMMAND ${name})
endfunction()

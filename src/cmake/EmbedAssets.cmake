# aiprof_embed_assets(MODULE HEADER NAMESPACE file...) puts files of any kind and length into the
# library of MODULE. HEADER declares, in NAMESPACE, the function asset(name), where name is that of
# the file without its folder; this defines it. The same file, run as a script at build time, writes
# that definition.
#
# Bytes are written as numbers: string literals have a length that compilers must take and no more,
# and a byte of a file may not be valid in one.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(AIPROF_EMBED_ASSETS_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
  function(aiprof_embed_assets module header namespace)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/${module}_assets.cpp)
    string(REPLACE ";" "|" files "${ARGN}")
    add_custom_command(
      OUTPUT ${output}
      COMMAND ${CMAKE_COMMAND} "-DFILES=${files}" -DHEADER=${header} -DNAMESPACE=${namespace}
              -DOUTPUT=${output} -P ${AIPROF_EMBED_ASSETS_SCRIPT}
      DEPENDS ${ARGN} ${AIPROF_EMBED_ASSETS_SCRIPT}
      COMMENT "Embedding the assets of ${module}"
      VERBATIM)
    target_sources(aiprof_${module} PRIVATE ${output})
  endfunction()
  return()
endif()

string(REPLACE "|" ";" files "${FILES}")
set(arrays "")
set(cases "")
set(i 0)
foreach(file IN LISTS files)
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  get_filename_component(name ${file} NAME)
  string(APPEND arrays "constexpr unsigned char kFile${i}[] = {\n${bytes}};\n")
  string(APPEND cases "  if (name == \"${name}\") return text(kFile${i});\n")
  math(EXPR i "${i} + 1")
endforeach()
file(WRITE ${OUTPUT}
     "#include \"${HEADER}\"\n\n#include <cstddef>\n\nnamespace ${NAMESPACE} {\nnamespace {\n"
     "${arrays}"
     "template <std::size_t N>\nstd::string_view text(const unsigned char (&bytes)[N]) {\n"
     "  return {reinterpret_cast<const char*>(bytes), N};\n}\n}  // namespace\n"
     "std::string_view asset(std::string_view name) {\n${cases}  return {};\n}\n"
     "}  // namespace ${NAMESPACE}\n")

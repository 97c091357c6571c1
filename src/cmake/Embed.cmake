# aiprof_embed(MODULE DIR HEADER NAMESPACE) puts the text of DIR/*.json into the library of MODULE.
# HEADER declares, in NAMESPACE, struct EmbeddedFile {name, text} and embedded_files(), which this
# defines; where files have a list "aliases", also `aliases`, between the two. The same file, run as
# a script at build time, writes that definition.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(AIPROF_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
  function(aiprof_embed module dir header namespace)
    file(GLOB files CONFIGURE_DEPENDS ${dir}/*.json)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/${module}_embedded.cpp)
    add_custom_command(
      OUTPUT ${output}
      COMMAND ${CMAKE_COMMAND} -DDIR=${dir} -DHEADER=${header} -DNAMESPACE=${namespace}
              -DOUTPUT=${output} -P ${AIPROF_EMBED_SCRIPT}
      DEPENDS ${files} ${AIPROF_EMBED_SCRIPT}
      COMMENT "Embedding ${dir}"
      VERBATIM)
    target_sources(aiprof_${module} PRIVATE ${output})
  endfunction()
  return()
endif()

# Compilers must take string literals of 64 KiB; the longest file has to stay below.
set(longest 65535)
file(GLOB files ${DIR}/*.json)
list(SORT files)
set(rows "")
foreach(file IN LISTS files)
  file(SIZE ${file} size)
  if(size GREATER longest)
    message(FATAL_ERROR "${file} has ${size} bytes; at most ${longest} can be embedded")
  endif()
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} text)
  # The list "aliases" of a file that has one, so that looking a name up parses nothing.
  set(aliases "")
  string(JSON count ERROR_VARIABLE none LENGTH "${text}" aliases)
  if(NOT none AND count GREATER 0)
    math(EXPR last "${count} - 1")
    foreach(i RANGE ${last})
      string(JSON alias GET "${text}" aliases ${i})
      string(APPEND aliases " ${alias}")
    endforeach()
    set(aliases " .aliases = \"${aliases} \",")
  endif()
  string(APPEND rows "    {.name = \"${name}\",${aliases} .text = R\"json(${text})json\"},\n")
endforeach()
file(WRITE ${OUTPUT}
     "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\nnamespace {\n"
     "constexpr EmbeddedFile kFiles[] = {\n${rows}};\n}  // namespace\n"
     "std::span<const EmbeddedFile> embedded_files() { return kFiles; }\n"
     "}  // namespace ${NAMESPACE}\n")

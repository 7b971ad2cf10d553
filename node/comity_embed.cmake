# comity_embed(MODULE FOLDER...): the files of policy/FOLDER become part of
# node/MODULE, so that the programs need nothing at run time
# (node/wire/embedded_text.h). Runs at build time whenever one of them changes.
if(CMAKE_SCRIPT_MODE_FILE)
  file(WRITE ${OUTPUT}.new "#include \"node/wire/embedded_text.h\"\n\n"
    "namespace comity {\n\nabsl::string_view EmbeddedText(absl::string_view path) {\n")
  string(REPLACE "|" ";" files "${FILES}")
  foreach(file IN LISTS files)
    file(READ ${ROOT}/${file} text)
    file(APPEND ${OUTPUT}.new
      "  if (path == \"${file}\") return R\"comity(${text})comity\";\n")
  endforeach()
  file(APPEND ${OUTPUT}.new "  return \"\";\n}\n\n}  // namespace comity\n")
  file(RENAME ${OUTPUT}.new ${OUTPUT})
  return()
endif()

function(comity_embed module)
  set(root ${PROJECT_SOURCE_DIR}/policy)
  foreach(folder IN LISTS ARGN)
    file(GLOB found CONFIGURE_DEPENDS ${root}/${folder}/*)
    list(APPEND absolute ${found})
  endforeach()
  foreach(file IN LISTS absolute)
    file(RELATIVE_PATH name ${root} ${file})
    list(APPEND names ${name})
  endforeach()
  string(REPLACE ";" "|" names "${names}")
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded_text.cc)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -D OUTPUT=${output} -D ROOT=${root} -D "FILES=${names}"
      -P ${CMAKE_CURRENT_FUNCTION_LIST_FILE}
    DEPENDS ${absolute} ${CMAKE_CURRENT_FUNCTION_LIST_FILE}
    COMMENT "Embedding templates and labels" VERBATIM)
  target_sources(comity_${module} PRIVATE ${output})
endfunction()

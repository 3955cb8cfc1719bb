# retime_options(target): our own warnings and sanitizers, on our own targets only.
function(retime_options target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                                           $<$<BOOL:${RETIME_WERROR}>:-Werror>)
  # False alarms of GCC 12 on std::string concatenation (GCC bug 105651).
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-stringop-overflow>)
  if(RETIME_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${RETIME_SANITIZE} -fno-omit-frame-pointer
                                             -fno-sanitize-recover=all)
    target_link_options(${target} PRIVATE -fsanitize=${RETIME_SANITIZE})
  endif()
endfunction()

# retime_library(folder LINK libs...): the library retime_<folder> from every .cpp in and below src/<folder>, but for the
# folders EXCLUDEd below it, which are libraries of their own, or from the SOURCES that are named.
function(retime_library folder)
  cmake_parse_arguments(ARG "TORCH" "" "LINK;SOURCES;EXCLUDE" ${ARGN})
  string(REPLACE "/" "_" name retime_${folder})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${folder}/*.cpp)
  foreach(other ${ARG_EXCLUDE})
    list(FILTER sources EXCLUDE REGEX "/src/${folder}/${other}/")
  endforeach()
  if(ARG_SOURCES)
    set(sources ${ARG_SOURCES})
  endif()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  retime_options(${name})
  if(ARG_TORCH)
    target_compile_options(${name} PRIVATE ${RETIME_PCH_FLAGS})
    target_precompile_headers(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src/dist/torch.hpp)
  endif()
endfunction()

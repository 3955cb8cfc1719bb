# Everything the project links, found once. Variables that users know (CMAKE_PREFIX_PATH, CUDA_HOME, HDF5_ROOT,
# MPI_HOME) decide which installation is taken.
find_program(RETIME_CCACHE ccache)
if(RETIME_CCACHE)
  # What uses the precompiled torch header is cached only with these; a clone in another folder finds the same entries.
  set(RETIME_PCH_FLAGS -fpch-preprocess)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
      CCACHE_NOHASHDIR=1 ${RETIME_CCACHE})
endif()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
# The serial variant, where there are several: one that was built for MPI makes every program need MPI.
set(HDF5_PREFER_PARALLEL OFF)
find_package(HDF5 REQUIRED COMPONENTS C)
if(HDF5_IS_PARALLEL)
  message(WARNING "HDF5 was built for MPI (${HDF5_C_LIBRARIES}), so `retime` will need MPI wherever it runs: name a serial HDF5 in HDF5_ROOT")
endif()
find_package(Eigen3 REQUIRED NO_MODULE)
find_package(Boost REQUIRED COMPONENTS program_options)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)

if(RETIME_TORCH)
  find_package(MPI REQUIRED COMPONENTS CXX)
  # The wheel's CMake package wants a CUDA toolkit even on machines without a GPU.
  if(DEFINED ENV{CUDA_HOME} AND NOT DEFINED CUDA_TOOLKIT_ROOT_DIR)
    set(CUDA_TOOLKIT_ROOT_DIR $ENV{CUDA_HOME} CACHE PATH "CUDA toolkit")
    set(CMAKE_CUDA_COMPILER $ENV{CUDA_HOME}/bin/nvcc CACHE FILEPATH "CUDA compiler")
  endif()
  if(NOT DEFINED TORCH_CUDA_ARCH_LIST)
    set(TORCH_CUDA_ARCH_LIST "8.0;9.0" CACHE STRING "CUDA architectures")
  endif()
  find_package(Torch REQUIRED)
  # LibTorch as a system library: its headers are not held to our warnings. NCCL's header comes with the wheel's
  # dependencies, or with the CUDA toolkit.
  find_path(RETIME_NCCL_INCLUDE nccl.h REQUIRED HINTS ${TORCH_INSTALL_PREFIX}/../nvidia/nccl/include
                                                      ${CUDA_TOOLKIT_ROOT_DIR}/include)
  add_library(retime_torch INTERFACE)
  target_include_directories(retime_torch SYSTEM INTERFACE ${RETIME_NCCL_INCLUDE} ${TORCH_INCLUDE_DIRS})
  # The wheel exports parts of std::filesystem of its own, and remove_all of one with the types of the other crashes:
  # libstdc++ has to be found first.
  target_link_libraries(retime_torch INTERFACE -Wl,--push-state,--no-as-needed -lstdc++ -Wl,--pop-state ${TORCH_LIBRARIES})
endif()

if(RETIME_VIDEO)
  find_package(OpenCV REQUIRED COMPONENTS core imgproc imgcodecs video photo features2d calib3d dnn)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(FFMPEG REQUIRED IMPORTED_TARGET libavformat libavcodec libavutil libswscale libswresample)
endif()

if(RETIME_TESTS)
  find_package(GTest REQUIRED)
endif()

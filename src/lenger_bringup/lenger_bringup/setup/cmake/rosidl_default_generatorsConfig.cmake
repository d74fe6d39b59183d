# Stands in for rosidl_default_generators in the bare set-up: only what rclpy over Fast DDS needs (it describes its types
# to the middleware by introspection). Nothing here uses the C++ generators; a full colcon workspace takes the real package.
set(LENGER_GENERATORS
  rosidl_adapter
  rosidl_generator_type_description
  rosidl_generator_c
  rosidl_typesupport_fastrtps_c
  rosidl_typesupport_introspection_c
  rosidl_typesupport_c
  rosidl_generator_py
)

find_package(ament_cmake_core REQUIRED)

# Dependencies of the generators and of other message packages register theirs too: let only ours through.
macro(ament_register_extension extension_point package_name cmake_filename)
  if(NOT "${extension_point}" STREQUAL "rosidl_generate_idl_interfaces" OR "${package_name}" IN_LIST LENGER_GENERATORS)
    _ament_register_extension("${extension_point}" "${package_name}" "${cmake_filename}")
  endif()
endmacro()

find_package(rosidl_cmake REQUIRED)
foreach(_generator ${LENGER_GENERATORS})
  find_package(${_generator} REQUIRED)
endforeach()

# rclpy imports one Python extension per package, the one for rosidl_typesupport_c: do not build the others.
macro(rosidl_generator_py_get_typesupports result)
  set(${result} rosidl_typesupport_c)
endmacro()
set(rosidl_default_generators_FOUND TRUE)

# Most of the time goes into the same headers, read once for each message: compile messages together, 20 at a time. Not
# for rosidl_generator_c, whose files define the same static names.
function(lenger_unity_build)
  foreach(_kind rosidl_typesupport_fastrtps_c rosidl_typesupport_introspection_c rosidl_typesupport_c rosidl_generator_py)
    if(TARGET ${PROJECT_NAME}__${_kind})
      set_target_properties(${PROJECT_NAME}__${_kind} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 20)
    endif()
  endforeach()
endfunction()
cmake_language(DEFER CALL lenger_unity_build)

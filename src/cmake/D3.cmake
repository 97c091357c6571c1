# The chart library of HTML reports, as distributions package it. It becomes a part of every report,
# so that reports need nothing but themselves. AIPROF_D3 may name another copy of it.
find_file(AIPROF_D3 NAMES d3.min.js
          PATHS /usr/share /usr/local/share
          PATH_SUFFIXES nodejs/d3/dist javascript/d3 node_modules/d3/dist lib/node_modules/d3/dist
          NO_DEFAULT_PATH
          DOC "d3.min.js of D3, version 5 or newer")
if(NOT AIPROF_D3)
  message(FATAL_ERROR "D3 was not found, which draws the charts of HTML reports. "
                      "Install the package node-d3 (apt-get install node-d3), or give "
                      "-DAIPROF_D3=FILE with the path of d3.min.js, version 5 or newer.")
endif()
file(READ ${AIPROF_D3} d3_head LIMIT 400)
if(NOT d3_head MATCHES "d3js\\.org v([0-9]+)" OR CMAKE_MATCH_1 LESS 5)
  message(FATAL_ERROR "${AIPROF_D3} is not D3 of version 5 or newer. "
                      "Install the package node-d3 (apt-get install node-d3), or give "
                      "-DAIPROF_D3=FILE with the path of d3.min.js.")
endif()

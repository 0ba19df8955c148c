# Starts the launcher; what this module knows is what the code of a component sees.
import sys

import kfpc_task

sys.path[0] = ""
kfpc_task.launch(sys.argv[1:])

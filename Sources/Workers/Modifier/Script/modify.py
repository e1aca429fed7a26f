# SPDX-License-Identifier: Apache-2.0
"""Applies modifications to a disk image with libguestfs.

usage: modify.py PLAN.json

The plan: {"disk": path, "format": "raw" or "qcow2", "uses_kvm": bool, "uses_network": bool,
"memory_mebibytes": int, "steps": [...]}; each step is a modification as the request has it, with its
"number" and, for uploads, the "file" with the bytes. The last line of standard output is the result
as JSON: {"done": true}, or {"failure": text, "number": of the step or null, "output": text}.

The exit code is 0 when all steps are done, 3 when the image or a step is at fault, and anything else
when this machine is.
"""
import json
import os
import sys

# Started as `python3 -I`, which leaves out the script's own folder.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from guest import Fault, Guest  # noqa: E402
import steps  # noqa: E402

FAULT = 3


def modify(plan):
    guest = Guest(plan)
    number = None
    try:
        guest.open()
        for step in plan["steps"]:
            number = step["number"]
            steps.apply(guest, step)
        number = None
        guest.close()
    except Fault as fault:
        return {"failure": str(fault), "number": number, "output": fault.output}
    except Exception as error:  # pylint: disable=broad-except
        # Once the appliance runs, what fails does so at what the image holds, the appliance's own
        # end included.
        if not guest.is_launched:
            raise
        return {"failure": f"{type(error).__name__}: {error}", "number": number, "output": ""}
    return {"done": True}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = json.load(file)
    result = modify(plan)
    print()
    print(json.dumps(result), flush=True)
    # Past the destructor of an appliance that may hang.
    os._exit(0 if "done" in result else FAULT)


main()

"""Record what the mirrors must equal: ``record_rihs01.py PACKAGE=FOLDER=TAG ... > rihs01.json``.

Each FOLDER is the package as its authors publish it (``git archive TAG PACKAGE``), kept outside the repository; a
package comes after those it uses. Every definition there goes through the adapter and the type-description generator of
ROS. Only the types that the mirrors have are written: hash, and the constants, which the hash leaves out.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path

from rosidl_adapter import convert_to_idl
from rosidl_adapter.parser import parse_message_string, parse_service_string
from rosidl_generator_type_description import generate_type_hash

COMPAT = Path(__file__).resolve().parents[2] / "src" / "compat"


def constants(package: str, path: Path) -> list[str]:
    """Return ``type NAME=value`` of each constant of a .msg or .srv file, sorted."""
    text = path.read_text()
    if path.suffix == ".msg":
        specs = [parse_message_string(package, path.stem, text)]
    else:
        service = parse_service_string(package, path.stem, text)
        specs = [service.request, service.response]
    return sorted(f"{item.type} {item.name}={item.value}" for spec in specs for item in spec.constants)


def hashes(package: str, folder: Path, work: Path, includes: dict[str, Path]) -> dict[str, str]:
    """Return {relative file: RIHS01} of every message and service of an upstream package."""
    files = [path for kind in ("msg", "srv") for path in sorted(folder.glob(f"{kind}/*.{kind}"))]
    tuples = []
    for path in files:
        name = path.relative_to(folder)
        with contextlib.redirect_stdout(sys.stderr):
            convert_to_idl(folder, package, name, work / "idl" / package)
        tuples.append(f"{work / 'idl' / package}:{name.with_suffix('.idl')}")
    output = work / "out" / package
    output.mkdir(parents=True)
    arguments = work / f"{package}.json"
    paths = [f"{name}:{place}" for name, place in includes.items()]
    arguments.write_text(
        json.dumps({"package_name": package, "output_dir": str(output), "idl_tuples": tuples, "include_paths": paths})
    )
    generate_type_hash(str(arguments))
    includes[package] = output
    result = {}
    for path in files:
        name = path.relative_to(folder)
        found = json.loads((output / name.with_suffix(".json")).read_text())["type_hashes"]
        wanted = f"{package}/{name.with_suffix('')}"
        result[str(name)] = next(item["hash_string"] for item in found if item["type_name"] == wanted)
    return result


def main(arguments: list[str]) -> None:
    """Print the record."""
    shares = [Path(prefix, "share") for prefix in os.environ["AMENT_PREFIX_PATH"].split(os.pathsep)]
    names = [argument.split("=")[0] for argument in arguments]
    includes = {
        place.name: place for share in shares for place in share.iterdir()
        if (place / "msg").is_dir() and place.name not in names
    }  # fmt: skip
    record = {}
    with tempfile.TemporaryDirectory() as work:
        for argument in arguments:
            package, folder, tag = argument.split("=", 2)
            found = hashes(package, Path(folder), Path(work), includes)
            ours = sorted(path.relative_to(COMPAT / package) for path in (COMPAT / package).glob("*/*.*"))
            record[package] = {
                "tag": tag,
                "types": {
                    str(name): {"rihs01": found[str(name)], "constants": constants(package, Path(folder, name))}
                    for name in ours
                },
            }
    print(json.dumps(record, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])

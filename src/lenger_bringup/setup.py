from pathlib import Path

from setuptools import find_packages, setup

NAME = "lenger_bringup"
data_files = [
    ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
    (f"share/{NAME}", ["package.xml"]),
]

# config/, launch/ and worlds/ lie at the top of the checkout, reached through links beside this file.
for folder in ("config", "launch", "worlds"):
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file():
            data_files.append((f"share/{NAME}/{path.parent}", [str(path)]))

setup(
    name=NAME,
    version="0.1.0",
    packages=find_packages(),
    package_data={NAME: [str(f.relative_to(NAME)) for f in Path(NAME).rglob("*") if f.suffix not in ("", ".pyc")]},
    data_files=data_files,
    install_requires=["setuptools"],
    zip_safe=True,
    maintainer="Lenger maintainers",
    description="The lenger command line, stack descriptions, the process runner and the launch adapter.",
    license="Apache-2.0",
    entry_points={"console_scripts": ["lenger = lenger_bringup.cli:main"]},
)

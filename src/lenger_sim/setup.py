from pathlib import Path

from setuptools import find_packages, setup

NAME = "lenger_sim"
data_files = [
    ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
    (f"share/{NAME}", ["package.xml"]),
]

setup(
    name=NAME,
    version="0.1.0",
    packages=find_packages(),
    package_data={NAME: [str(f.relative_to(NAME)) for f in Path(NAME).rglob("*") if f.suffix not in ("", ".pyc")]},
    data_files=data_files,
    install_requires=["setuptools"],
    zip_safe=True,
    maintainer="Lenger maintainers",
    description="Flight dynamics, sensors, and the embedded vehicle that speaks MAVLink.",
    license="Apache-2.0",
    entry_points={
        "console_scripts": [
            "truth_node = lenger_sim.truth_node:main",
            "vehicle_node = lenger_sim.vehicle_node:main",
        ]
    },
)

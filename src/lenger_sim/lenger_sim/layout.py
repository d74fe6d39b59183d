"""The arrays that the compiled kernels work on: one structured record each, SI, ENU world and FLU body."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lenger_core.vehicles import MAX_ROTORS

Record: TypeAlias = NDArray[Any]
"""A structured array of length one."""

Array: TypeAlias = NDArray[np.float64]

F, N = "f8", "i8"

TRUTH = np.dtype(
    [
        ("lat_rad", F),
        ("lon_rad", F),
        ("alt_amsl_m", F),
        ("vel", F, (3,)),
        ("quat", F, (4,)),
        ("rate", F, (3,)),
        ("specific_force", F, (3,)),
    ]
)
"""Where the body really is; specific force without gravity, in the body."""

R = MAX_ROTORS

AIRFRAME_PARAMS = np.dtype(
    [
        ("mass_kg", F),
        ("dt_s", F),
        ("arm_m", F),
        ("rotors", N),
        ("rotor_x", F, (R,)),
        ("rotor_y", F, (R,)),
        ("rotor_yaw", F, (R,)),
        ("rotor_radius_m", F),
        ("thrust_coefficient", F),
        ("inflow_slope", F),
        ("induced_factor", F),
        ("profile_power", F),
        ("rotor_max_rad_s", F),
        ("motor_lag_s", F),
        ("inflow_lag_s", F),
        ("kv_rad_s_v", F),
        ("winding_ohm", F),
        ("no_load_a", F),
        ("controller_efficiency", F),
        ("avionics_w", F),
        ("drag_area_m2", F),
        ("rotor_drag", F),
        ("rate_damping", F),
        ("cells", F),
        ("chemistry", N),
        ("charge_c", F),
        ("resistance_ohm", F),
        ("full_voltage_v", F),
        ("battery_heat_j_k", F),
        ("battery_cooling_w_k", F),
        ("isa_offset_k", F),
        ("wind_to", F, (2,)),
        ("foot_m", F, (3,)),
        ("foot_stiffness", F),
        ("foot_damping", F),
        ("friction", F),
        ("crash_speed_m_s", F),
        ("reach_m", F),
    ]
)
"""Constants of an airframe and of the day's air; `wind_to` is the unit vector (east, north) that the wind blows to,
`rotor_yaw` the sign of a rotor's torque on the body, `resistance_ohm` that at 25 degrees and half charge; nothing
touches the ground while the centre of gravity is `reach_m` above it."""

AIRFRAME = np.dtype(
    [
        ("rotor_rad_s", F, (R,)),
        ("torque_n_m", F, (R,)),
        ("thrust_loss", F, (R,)),
        ("induced_m_s", F),
        ("thrust_n", F),
        ("power_w", F),
        ("voltage_v", F),
        ("current_a", F),
        ("used_c", F),
        ("used_j", F),
        ("battery_k", F),
        ("polarisation_v", F),
        ("sag_v", F),
        ("gust_m_s", F),
        ("wind", F, (3,)),
        ("air_k", F),
        ("density", F),
        ("height_agl_m", F),
        ("contact", N),
        ("impact_m_s", F),
        ("crashed", N),
        ("spin", F),
        ("still", N),
        ("wrench", F, (6,)),
    ]
)
"""What changes in rotors, battery, air and landing gear. `height_agl_m` is that of the feet, `spin` the rotors'
mean speed as a fraction of full, `still` is 1 for a body that rests on the ground with stopped rotors. Faults:
`thrust_loss` of each rotor (0 to 1), `sag_v` off the battery's source voltage, `gust_m_s` along the mean wind."""

GROUND = np.dtype(
    [("lat_rad", F), ("lon_rad", F), ("height_m", F), ("slope_e", F), ("slope_n", F), ("north_m", F), ("east_m", F)]
)
"""The ground near the vehicle as a plane; `north_m`, `east_m`: metres per radian of latitude and longitude."""

SENSOR_PARAMS = np.dtype(
    [
        ("dt_s", F),
        ("gyro_noise", F),
        ("gyro_walk", F),
        ("accel_noise", F),
        ("accel_walk", F),
        ("vibration", F),
        ("baro_noise_pa", F),
        ("baro_drift_pa", F),
        ("mag_noise_t", F),
        ("mag_bias", F, (3,)),
        ("field", F, (3,)),
        ("isa_offset_k", F),
        ("gnss_white_m", F),
        ("gnss_walk_m", F),
        ("gnss_tau_s", F),
        ("gnss_vertical", F),
        ("gnss_vel_m_s", F),
        ("gnss_dt_s", F),
        ("range_noise_m", F),
        ("range_noise_share", F),
        ("flow_noise_rad_s", F),
        ("daylight", F),
    ]
)
"""Noise of the sensors; `field` is the magnetic field in ENU, tesla."""

SENSORS = np.dtype(
    [
        ("gyro_bias", F, (3,)),
        ("accel_bias", F, (3,)),
        ("gyro", F, (3,)),
        ("accel", F, (3,)),
        ("gyro_sum", F, (3,)),
        ("accel_sum", F, (3,)),
        ("samples", N),
        ("pressure_pa", F),
        ("baro_bias_pa", F),
        ("temperature_k", F),
        ("mag", F, (3,)),
        ("gnss_drift", F, (3,)),
        ("gnss_lat_rad", F),
        ("gnss_lon_rad", F),
        ("gnss_alt_m", F),
        ("gnss_vel", F, (3,)),
        ("gnss_spread", F),
        ("range_m", F),
        ("range_ok", N),
        ("range_t_s", F),
        ("range_new", F, (3,)),
        ("flow_rad", F, (2,)),
        ("flow_gyro_rad", F, (3,)),
        ("flow_quality", F),
        ("flow_dt_s", F),
        ("flow_t_s", F),
        ("flow_new", F, (8,)),
        ("ranger_count", N),
        ("turn_sum", F, (3,)),
        ("turn_gyro_sum", F, (3,)),
        ("frozen", N, (6,)),
        ("mag_fault_t", F, (3,)),
        ("baro_fault_m", F),
    ]
)
"""The last samples; `accel_sum` and `gyro_sum` add up, so that whoever sends them can send a mean.

Rangefinder and flow: `range_ok` is 0 without an echo, `*_t_s` is when it was measured, `flow_rad` and `flow_gyro_rad`
are integrals over `flow_dt_s` (rangers.py), `flow_quality` is 0 to 255; `ranger_count` grows with each delivery,
`*_new` and `turn_*` are on their way. Faults: `frozen` axes (gyro, then accelerometer), `mag_fault_t`, `baro_fault_m`.
"""

HISTORY = 64
"""Steps of the estimate that are kept to compare a late GNSS fix with."""

ESTIMATE = np.dtype(
    [
        ("pos", F, (3,)),
        ("vel", F, (3,)),
        ("quat", F, (4,)),
        ("rate", F, (3,)),
        ("accel", F, (3,)),
        ("gyro_bias", F, (3,)),
        ("accel_bias_z", F),
        ("baro_offset_m", F),
        ("baro_alt_m", F),
        ("level", F, (3,)),
        ("mag_sum", F, (3,)),
        ("gyro_mean", F, (3,)),
        ("ticks", N),
        ("aligned", N),
        ("gnss_fixes", N),
        ("lat0_rad", F),
        ("lon0_rad", F),
        ("alt0_m", F),
        ("north_m", F),
        ("east_m", F),
        ("declination_rad", F),
        ("field_t", F),
        ("height_ratio", F),
        ("height_refused", N),
        ("yaw_ratio", F),
        ("yaw_refused", N),
        ("resets", N),
        ("history", F, (HISTORY, 6)),
        ("head", N),
    ]
)
"""The autopilot's own estimate. `pos` is ENU about (lat0, lon0, alt0), the first fix.

`accel` is ENU without gravity. `*_ratio` is a squared innovation over its squared gate, `*_refused` counts samples in a
row that were refused, `resets` how often the estimate jumped to a measurement.
"""

CONTROL_PARAMS = np.dtype(
    [
        ("dt_s", F),
        ("hover_thrust", F),
        ("max_tilt_rad", F),
        ("max_speed_m_s", F),
        ("max_up_m_s", F),
        ("max_down_m_s", F),
        ("accel_m_s2", F),
        ("brake_m_s2", F),
        ("pos_p", F),
        ("vel_p", F),
        ("vel_i", F),
        ("alt_p", F),
        ("climb_p", F),
        ("climb_i", F),
        ("attitude_p", F),
        ("yaw_p", F),
        ("rate_p", F, (3,)),
        ("rate_i", F, (3,)),
        ("max_yaw_rate", F),
        ("rotors", N),
        ("mix", F, (R, 4)),
        ("max_thrust_n", F),
        ("mass_kg", F),
        ("inertia", F, (3,)),
    ]
)
"""Gains and limits of the cascade; `mix` gives a rotor's thrust for roll, pitch and yaw moment and for lift."""

CONTROL = np.dtype(
    [
        ("armed", N),
        ("idle", N),
        ("use_position", N),
        ("use_height", N),
        ("level", N),
        ("lean", F, (2,)),
        ("lift_sp", F),
        ("pos_sp", F, (3,)),
        ("vel_sp", F, (3,)),
        ("yaw_sp", F),
        ("speed_limit", F),
        ("brake_m_s2", F),
        ("rise_m_s2", F),
        ("vel_ref", F, (3,)),
        ("accel_ref", F, (3,)),
        ("vel_int", F, (3,)),
        ("rate_int", F, (3,)),
        ("lift", F, (3,)),
        ("thrust", F),
        ("spool", F),
        ("motors", F, (R,)),
    ]
)
"""Setpoints, references, integrators and the motor commands (0 to 1 of full rotor speed).

`brake_m_s2` and `rise_m_s2` are a mode's own limits of braking and of vertical acceleration; 0: the profile's.

`level` leaves the horizontal velocity alone; the thrust axis then leans by `lean` (tangent of the tilt to the east and
to the north). `lift_sp` above 0 sets the vertical specific force in g and leaves the climb alone: a pilot's throttle.
"""


def record(dtype: np.dtype[Any]) -> Record:
    """Return a zeroed record."""
    return np.zeros(1, dtype)

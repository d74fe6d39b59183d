"""Settings of the fusion core and node: one configuration per airframe class, none tuned to a log or a site."""

from __future__ import annotations

from pydantic import Field

from lenger_core.settings import Settings, SiteSettings


class FusionSettings(Settings):
    """Parameters of fusion_node. Noise densities are those of a vibrating multirotor, not of a sensor on a bench."""

    site: SiteSettings = SiteSettings()
    site_radius_km: float = Field(
        50.0, ge=1.0, le=200.0, description="a first fix farther than this from the site becomes the origin itself"
    )

    gyro_noise: float = Field(0.004, gt=0.0, le=1.0, description="angular random walk, rad/s/sqrt(Hz)")
    accel_noise: float = Field(0.12, gt=0.0, le=10.0, description="velocity random walk, m/s2/sqrt(Hz)")
    gyro_bias_walk: float = Field(5e-5, gt=0.0, le=0.1, description="gyro bias drift, rad/s/sqrt(s)")
    accel_bias_walk: float = Field(0.002, gt=0.0, le=1.0, description="accelerometer bias drift, m/s2/sqrt(s)")
    gyro_bias_std: float = Field(0.01, gt=0.0, le=1.0, description="unknown gyro bias at alignment, rad/s")
    accel_bias_std: float = Field(0.15, gt=0.0, le=2.0, description="unknown accelerometer bias at alignment, m/s2")

    gnss_latency_s: float = Field(
        0.12, ge=0.0, le=0.5, description="a fix describes the aircraft this long before its stamp"
    )
    arrival_slack_s: float = Field(
        0.05, ge=0.0, le=0.5, description="transport jitter: the filter runs this much behind the slowest sensor"
    )
    gnss_min_h_std_m: float = Field(0.5, gt=0.0, le=20.0, description="floor under a receiver's horizontal accuracy")
    gnss_min_v_std_m: float = Field(1.0, gt=0.0, le=30.0, description="floor under a receiver's vertical accuracy")
    gnss_min_speed_std_m_s: float = Field(0.25, gt=0.0, le=5.0, description="floor under a receiver's speed accuracy")
    gnss_slow_error: float = Field(
        0.7,
        ge=0.0,
        le=2.0,
        description="share of the receiver's accuracy that is slow, so that averaging does not reduce it",
    )
    gnss_reset_s: float = Field(
        10.0,
        ge=2.0,
        le=120.0,
        description="after this long a steadily rejected, self-consistent GNSS position is believed",
    )
    watch_gnss: bool = Field(False, description="true: a receiver caught in a contradiction is only compared")
    gnss_step_reset_s: float = Field(
        120.0,
        ge=5.0,
        le=3600.0,
        description="with watch_gnss: in place of gnss_reset_s while GNSS velocity or optical flow is believed",
    )
    height_reset_s: float = Field(
        120.0, ge=5.0, le=600.0, description="as gnss_reset_s, for GNSS height against a healthy barometer"
    )

    baro_std_m: float = Field(0.6, gt=0.0, le=20.0, description="barometer noise, including rotor wash and gusts")
    baro_interval_s: float = Field(0.05, ge=0.0, le=1.0, description="at most one barometer update per interval")
    baro_walk: float = Field(0.05, ge=0.0, le=2.0, description="barometer drift, m/sqrt(s)")
    baro_climb_walk: float = Field(
        0.2, ge=0.0, le=2.0, description="drift per m/s of vertical speed: non-standard air, m/sqrt(s) per m/s"
    )
    baro_reset_s: float = Field(
        5.0, ge=1.0, le=60.0, description="a steady barometer step is re-levelled after this long"
    )

    use_drag: bool = Field(False, description="true: the air's push on the rotors tells the speed through it")
    drag: float = Field(
        0.2, ge=0.02, le=2.0, description="rotor drag before flight: level specific force by airspeed, 1/s"
    )
    drag_std: float = Field(0.1, gt=0.0, le=1.0, description="how well that is known, one sigma, 1/s")
    drag_walk: float = Field(0.002, ge=0.0, le=0.1, description="its drift, 1/s/sqrt(s)")
    drag_noise_m_s2: float = Field(1.0, gt=0.1, le=10.0, description="push that drag does not explain, of 0.1 s")
    thrust_tilt_m_s2: float = Field(
        0.2, gt=0.0, le=2.0, description="level push of a thrust that does not stand square to the sensor, one sigma"
    )
    thrust_tilt_walk: float = Field(0.002, ge=0.0, le=0.1, description="its drift, m/s2/sqrt(s)")
    wind_std_m_s: float = Field(3.0, gt=0.0, le=30.0, description="unknown wind at alignment, each level axis")
    wind_walk: float = Field(0.1, gt=0.0, le=3.0, description="change of the wind, m/s/sqrt(s)")

    airspeed_std_m_s: float = Field(1.0, gt=0.0, le=10.0, description="airspeed noise, one sigma, m/s")
    flow_std_rad_s: float = Field(0.06, gt=0.0, le=2.0, description="optical flow noise, one reading")
    flow_scale_std: float = Field(0.1, gt=0.0, le=0.5, description="unknown scale of the optical flow, a share")
    flow_scale_walk: float = Field(0.001, ge=0.0, le=0.1, description="its drift, a share/sqrt(s)")
    range_std_m: float = Field(0.1, gt=0.0, le=5.0, description="rangefinder noise; 5 % of the range comes on top")
    ground_walk: float = Field(0.02, ge=0.0, le=5.0, description="change of the ground's height below, m/sqrt(s)")
    ground_slope_walk: float = Field(
        0.1, ge=0.0, le=2.0, description="the same per m/s of level speed, m/sqrt(s) per m/s"
    )

    use_magnetometer: bool = Field(True, description="false: heading only from motion")
    mag_std_deg: float = Field(6.0, gt=0.0, le=60.0, description="magnetic heading noise and deviation, one sigma")
    mag_floor_deg: float = Field(
        1.5, ge=0.0, le=20.0, description="no magnetic update below this heading sigma: deviation does not average out"
    )
    mag_interval_s: float = Field(0.1, ge=0.0, le=1.0, description="at most one magnetic update per interval")
    magnetic_year: float = Field(2026.9, ge=1990.0, le=2040.0, description="epoch of the declination (WMM)")

    gate_sigma: float = Field(5.0, ge=3.0, le=20.0, description="innovations beyond this many sigma are refused")
    align_s: float = Field(1.0, ge=0.3, le=30.0, description="length of IMU data that an alignment averages")
    rest_rate_rad_s: float = Field(0.05, gt=0.0, le=1.0, description="gyro scatter below this counts as rest")
    rest_accel_m_s2: float = Field(0.6, gt=0.0, le=5.0, description="accelerometer scatter below this counts as rest")

    imu_gap_s: float = Field(
        1.0, ge=0.2, le=10.0, description="a longer gap or jump in IMU time starts a new alignment"
    )
    silent_s: float = Field(
        0.5, ge=0.1, le=5.0, description="no odometry when the newest IMU sample is older than this"
    )
    coast_after_s: float = Field(1.0, ge=0.3, le=10.0, description="without an accepted fix this long: COASTING")
    degraded_h_acc_m: float = Field(
        8.0, gt=0.0, le=100.0, description="receiver accuracy that counts as poor, horizontal"
    )
    degraded_v_acc_m: float = Field(
        12.0, gt=0.0, le=100.0, description="receiver accuracy that counts as poor, vertical"
    )
    height_disagreement_m: float = Field(
        6.0,
        gt=0.0,
        le=100.0,
        description="barometer against GNSS height, smoothed over some seconds: beyond this DEGRADED",
    )


class FusionNodeSettings(FusionSettings):
    """Parameters of the node that the core does not need."""

    frame_prefix: str = Field("", description="before map, odom and base_link in /tf; one for each vehicle of a fleet")

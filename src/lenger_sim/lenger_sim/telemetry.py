"""What every flavour sends: messages made from the estimate, the sensors and the battery; never from the truth."""

from __future__ import annotations

from collections.abc import Callable
from math import asin, atan2, degrees, hypot, sqrt
from typing import TypeAlias

from lenger_core.samples import GnssFix, Vec3
from lenger_mavlink import ned
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_sim.channels import Channel
from lenger_sim.guidance import Guidance
from lenger_sim.layout import Record
from lenger_sim.onboard import Estimator
from lenger_sim.ranging import Ranging

_IMU_BITS, _SLOW_BITS = 0b000_111_111, 0b1101_111_000_000
SLOW_FIELDS_EVERY = 5
"""Every n-th HIGHRES_IMU carries magnetometer and barometer."""
ON_EVENT = frozenset({mavlink.MAVLINK_MSG_ID_GPS_RAW_INT})
"""Messages that follow their sensor, not a clock."""

Maker: TypeAlias = Callable[[int, Channel], MavMessage | None]
"""(time in ns, link) to a message, None when there is nothing to say yet."""


class Telemetry:
    """Builds messages. A flavour derives from it and adds its own to `makers`.

    Attributes:
        makers: message id to what makes it.
        vehicle_type: MAV_TYPE, a quadrotor until the owner says otherwise (`vehicle_type_of`).
        battery: terminal voltage V, current A, charge used A h, remaining 0 to 1.
        has_fix: whether the last fix that the receiver delivered was a valid one.
        home: latitude, longitude in degrees and AMSL height of home, None before there is one.
    """

    def __init__(self, pilot: Guidance, estimator: Estimator, sensors: Record) -> None:
        self._pilot = pilot
        self._estimator = estimator
        self._estimate = estimator.state[0]
        self._sensors = sensors[0]
        self.vehicle_type = int(mavlink.MAV_TYPE_QUADROTOR)
        self.battery = (0.0, 0.0, 0.0, 1.0)
        self.has_fix = False
        self.home: Vec3 | None = None
        self._fix: MavMessage | None = None
        ranging = Ranging(sensors)
        self.makers: dict[int, Maker] = {
            mavlink.MAVLINK_MSG_ID_DISTANCE_SENSOR: ranging.distance_sensor,
            mavlink.MAVLINK_MSG_ID_OPTICAL_FLOW_RAD: ranging.optical_flow_rad,
            mavlink.MAVLINK_MSG_ID_HIGHRES_IMU: self.highres_imu,
            mavlink.MAVLINK_MSG_ID_ATTITUDE: self.attitude,
            mavlink.MAVLINK_MSG_ID_ATTITUDE_QUATERNION: self.attitude_quaternion,
            mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: self.global_position,
            mavlink.MAVLINK_MSG_ID_LOCAL_POSITION_NED: self.local_position,
            mavlink.MAVLINK_MSG_ID_BATTERY_STATUS: self.battery_status,
            mavlink.MAVLINK_MSG_ID_HOME_POSITION: self.home_position,
            mavlink.MAVLINK_MSG_ID_SCALED_PRESSURE: self.scaled_pressure,
            mavlink.MAVLINK_MSG_ID_SYSTEM_TIME: self.system_time,
            mavlink.MAVLINK_MSG_ID_GPS_RAW_INT: lambda _now_ns, _channel: self._fix,
        }

    def knows(self, message_id: int) -> bool:
        """Return whether a message can be sent at all."""
        return message_id in self.makers

    def step(self, channel: Channel, now_ns: int) -> None:
        """Send what is due on a link."""
        for number in channel.streams.due(now_ns):
            message = self.makers[number](now_ns, channel)
            if message is not None:
                channel.send(message)

    def one(self, message_id: int, channel: Channel, now_ns: int) -> MavMessage | None:
        """Return one message now; None when it is unknown or has nothing to say yet."""
        maker = self.makers.get(message_id)
        return maker(now_ns, channel) if maker is not None else None

    def gps_raw(self, fix: GnssFix) -> MavMessage:
        """Return and remember the fix as GPS_RAW_INT, stamped with the time of its delivery."""
        speed = hypot(fix.vel_e_m_s, fix.vel_n_m_s)
        course = degrees(atan2(fix.vel_e_m_s, fix.vel_n_m_s)) % 360.0
        self.has_fix = fix.fix_type >= 3
        self._fix = mavlink.MAVLink_gps_raw_int_message(
            fix.t_ns // 1000,
            fix.fix_type,
            round(fix.lat_deg * 1e7),
            round(fix.lon_deg * 1e7),
            round(fix.alt_amsl_m * 1000.0),
            dilution(80.0, fix.satellites) if self.has_fix else 0xFFFF,
            dilution(120.0, fix.satellites) if self.has_fix else 0xFFFF,
            min(round(speed * 100.0), 0xFFFE),
            round(course * 100.0) % 36000,
            fix.satellites,
            round(fix.alt_ellipsoid_m * 1000.0),
            round(fix.h_acc_m * 1000.0),
            round(fix.v_acc_m * 1000.0),
            round(fix.s_acc_m_s * 1000.0),
        )
        return self._fix

    def highres_imu(self, now_ns: int, channel: Channel) -> MavMessage | None:
        """Return the mean of the IMU samples since the last one on this link.

        Every fifth carries magnetometer and barometer.
        """
        s = self._sensors
        accel, gyro = self._mean_imu(channel, mavlink.MAVLINK_MSG_ID_HIGHRES_IMU)
        count = channel.marks.get("highres_imu", 0)
        channel.marks["highres_imu"] = count + 1
        slow = count % SLOW_FIELDS_EVERY == 0
        mag, pressure, altitude, celsius = (0.0, 0.0, 0.0), 0.0, 0.0, 0.0
        if slow:
            mag = ned.flu_to_frd(tuple((s["mag"] * 1e4).tolist()))
            pressure, altitude = float(s["pressure_pa"]) * 0.01, float(self._estimate["baro_alt_m"])
            celsius = float(s["temperature_k"]) - 273.15
        bits = _IMU_BITS | (_SLOW_BITS if slow else 0)
        return mavlink.MAVLink_highres_imu_message(
            now_ns // 1000, *accel, *gyro, *mag, pressure, 0.0, altitude, celsius, bits
        )

    def _mean_imu(self, channel: Channel, message_id: int) -> tuple[Vec3, Vec3]:
        """Return mean specific force and rates (FRD) since this message was last made for this link."""
        s = self._sensors
        now = (int(s["samples"]), s["accel_sum"].tolist(), s["gyro_sum"].tolist())
        samples, accel0, gyro0 = channel.marks.get(message_id, (0, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)))
        channel.marks[message_id] = now
        count = max(now[0] - samples, 1)
        ax, ay, az = ((a - b) / count for a, b in zip(now[1], accel0, strict=True))
        gx, gy, gz = ((a - b) / count for a, b in zip(now[2], gyro0, strict=True))
        return ned.flu_to_frd((ax, ay, az)), ned.flu_to_frd((gx, gy, gz))

    def euler(self) -> Vec3:
        """Return roll, pitch and yaw of the estimate in NED, radians."""
        w, x, y, z = ned.quat_enu_to_ned(tuple(self._estimate["quat"].tolist()))
        roll = atan2(2.0 * (w * x + y * z), 1.0 - 2.0 * (x * x + y * y))
        pitch = asin(min(max(2.0 * (w * y - z * x), -1.0), 1.0))
        return roll, pitch, atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))

    def attitude(self, now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return the estimated attitude as Euler angles once there is one."""
        if not self._estimate["aligned"]:
            return None
        rates = ned.flu_to_frd(tuple(self._estimate["rate"].tolist()))
        return mavlink.MAVLink_attitude_message(now_ns // 1_000_000, *self.euler(), *rates)

    def scaled_pressure(self, now_ns: int, _channel: Channel) -> MavMessage:
        """Return the static pressure in hPa."""
        pressure = float(self._sensors["pressure_pa"]) * 0.01
        return mavlink.MAVLink_scaled_pressure_message(now_ns // 1_000_000, pressure, 0.0, self.celsius_hundredths(), 0)

    def celsius_hundredths(self) -> int:
        """Return the temperature at the sensors in hundredths of a degree Celsius."""
        return centi(float(self._sensors["temperature_k"]) - 273.15)

    def system_time(self, now_ns: int, _channel: Channel) -> MavMessage:
        """Return the time since boot; the calendar is not simulated, and so not told."""
        return mavlink.MAVLink_system_time_message(0, now_ns // 1_000_000)

    def attitude_quaternion(self, now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return the estimated attitude once there is one."""
        e = self._estimate
        if not e["aligned"]:
            return None
        quat = ned.quat_enu_to_ned(tuple(e["quat"].tolist()))
        rates = ned.flu_to_frd(tuple(e["rate"].tolist()))
        return mavlink.MAVLink_attitude_quaternion_message(now_ns // 1_000_000, *quat, *rates)

    def global_position(self, now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return the estimated position once it has settled."""
        if not self._estimator.ready():
            return None
        lat, lon, alt = self._estimator.to_geodetic(*self._pilot.position())
        home = self.home
        north, east, down = ned.enu_to_ned(self._pilot.velocity())
        return mavlink.MAVLink_global_position_int_message(
            now_ns // 1_000_000,
            round(lat * 1e7),
            round(lon * 1e7),
            round(alt * 1000.0),
            round((alt - home[2]) * 1000.0) if home is not None else 0,
            centi(north),
            centi(east),
            centi(down),
            round(self._pilot.heading_deg() * 100.0) % 36000,
        )

    def local_position(self, now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return the estimate about its own origin once it has settled."""
        if not self._estimator.ready():
            return None
        place, speed = ned.enu_to_ned(self._pilot.position()), ned.enu_to_ned(self._pilot.velocity())
        return mavlink.MAVLink_local_position_ned_message(now_ns // 1_000_000, *place, *speed)

    def battery_status(self, _now_ns: int, _channel: Channel) -> MavMessage:
        """Return the battery, its voltage as that of one cell group."""
        voltage, current, used_ah, remaining = self.battery
        volts = [round(voltage * 1e3), *[0xFFFF] * 9]
        used_mah, used_hj = round(used_ah * 1e3), round(used_ah * voltage * 36.0)
        return mavlink.MAVLink_battery_status_message(
            0, 1, 1, 0x7FFF, volts, centi(current), used_mah, used_hj, round(remaining * 100.0)
        )

    def home_position(self, now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return home once it is set."""
        home = self.home
        if home is None:
            return None
        place = ned.enu_to_ned(self._estimator.to_local(*home))
        return mavlink.MAVLink_home_position_message(
            round(home[0] * 1e7),
            round(home[1] * 1e7),
            round(home[2] * 1000.0),
            *place,
            [1.0, 0.0, 0.0, 0.0],
            0.0,
            0.0,
            0.0,
            now_ns // 1000,
        )


def dilution(open_sky: float, satellites: int) -> int:
    """Return a dilution of precision in hundredths, which grows as satellites drop out of the usual 14."""
    return round(open_sky * sqrt(14.0 / max(satellites, 1)))


def vehicle_type_of(rotors: int) -> int:
    """Return the MAV_TYPE of a multirotor; a generic one for a number of rotors that MAVLink has no name for."""
    named = {4: mavlink.MAV_TYPE_QUADROTOR, 6: mavlink.MAV_TYPE_HEXAROTOR, 8: mavlink.MAV_TYPE_OCTOROTOR}
    return int(named.get(rotors, mavlink.MAV_TYPE_GENERIC_MULTIROTOR))


def centi(value: float) -> int:
    """Return hundredths in the range of an int16."""
    return min(max(round(value * 100.0), -32767), 32767)

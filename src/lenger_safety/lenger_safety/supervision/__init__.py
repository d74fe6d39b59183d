"""What the guard watches besides limits: one small pure class for each kind of trouble, and the table of all of them.

Each watcher takes `Facts` once a step and says which causes stand, with a hysteresis of its own. `Supervisor` asks
them all. Nothing here has a clock or a memory that time could freeze: elapsed time is counted in small steps, so a
clock that jumps, in either direction, neither fires nor blocks anything but the watch of the clock.
"""

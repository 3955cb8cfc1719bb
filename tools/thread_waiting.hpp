#pragma once

namespace retime {

/// Lets OpenMP's idle threads sleep after a short spin. By default they spin for milliseconds, which burns the time
/// slices of whoever else wants the core: with two other busy processes on two cores an epoch took 50 s instead of 10
/// s.
///
/// libgomp reads its environment when it is loaded, before main; so this sets GOMP_SPINCOUNT, unless the user has
/// chosen, and starts the program again in the same process. To be called first in main.
void limit_thread_spinning(char** argv);

}  // namespace retime

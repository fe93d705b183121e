"""Arrays in, arrays out: compiled with numba, without the GIL."""

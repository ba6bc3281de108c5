// What makes the headers that all adapters share be read once (BISECTD_PRECOMPILE).

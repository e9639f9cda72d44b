#include <dnnl.h>

// Version 3 has another C interface: no operation descriptors, no output scales.
#if DNNL_VERSION_MAJOR != 2
#error "oneDNN 2 is needed (Debian 12: libdnnl-dev 2.6)"
#endif

// Of the OpenMP runtime that the library uses; holds for the calling thread alone.
void omp_set_num_threads(int count);

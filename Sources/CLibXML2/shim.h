// Debian's libxml2 is built with ICU and its headers then pull in ICU's own, which clash with those
// inside Foundation. Only the private layout of an encoding handler differs; nothing here uses it.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>

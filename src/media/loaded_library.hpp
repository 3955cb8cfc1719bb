#pragma once

namespace retime {

/// A symbol of a shared object that lies beside the program or is installed with it; the object stays loaded, as what
/// it gives out may live as long as the process. Throws Error ("cannot load WHAT (why): ...").
const void* loaded_symbol(const char* library, const char* symbol, const char* what);

}  // namespace retime

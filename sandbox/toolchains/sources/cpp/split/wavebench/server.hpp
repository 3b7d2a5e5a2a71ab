// The candidate's side: answers calls until it is told to end. Nothing here is trusted.
#ifndef WAVEBENCH_SERVER
#define WAVEBENCH_SERVER

namespace wavebench {
using Answer = void (*)(In &arguments, Out &result);
int serve(Answer answer);
} // namespace wavebench
#endif

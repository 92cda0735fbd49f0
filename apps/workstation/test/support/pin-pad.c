// A reader with a keypad, played: SoftHSM, but that it says of its tokens that their PIN is typed on the reader (PKCS#11 2.40 §5.4, C_GetTokenInfo, C_Login).
// Who logs in without a PIN gets what the file PIN_PAD_FILE says is typed; each time it is said in PIN_PAD_FILE.asked. As with OpenSC, no PIN is one of length 0.

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long number;

enum { getTokenInfo = 6, login = 18, functions = 68 };
enum { flagsAt = 96, protectedAuthenticationPath = 0x100 };
enum { ok = 0, generalError = 5, functionCanceled = 0x50, pinIncorrect = 0xa0 };

struct list {
  unsigned char version[2];
  void *all[functions];
};

static struct list own;
static struct list *soft;

static number tokenInfo(number slot, unsigned char *info) {
  number result = ((number(*)(number, unsigned char *))soft->all[getTokenInfo])(slot, info);
  number flags;
  memcpy(&flags, info + flagsAt, sizeof flags);
  flags |= protectedAuthenticationPath;
  memcpy(info + flagsAt, &flags, sizeof flags);
  return result;
}

static number logIn(number session, number user, unsigned char *pin, number length) {
  (void)pin;
  // A keypad takes no PIN from elsewhere.
  if (length != 0) return pinIncorrect;
  const char *name = getenv("PIN_PAD_FILE");
  char said[4096], typed[64];
  snprintf(said, sizeof said, "%s.asked", name);
  FILE *asked = fopen(said, "a");
  if (asked == NULL) return generalError;
  fprintf(asked, "%lu\n", user);
  fclose(asked);
  FILE *keys = fopen(name, "r");
  if (keys == NULL) return functionCanceled;
  number count = fread(typed, 1, sizeof typed, keys);
  fclose(keys);
  return ((number(*)(number, number, unsigned char *, number))soft->all[login])(session, user, (unsigned char *)typed, count);
}

number C_GetFunctionList(struct list **list) {
  void *library = dlopen(getenv("PIN_PAD_CARDS"), RTLD_NOW);
  if (library == NULL) return generalError;
  number (*get)(struct list **) = (number(*)(struct list **))dlsym(library, "C_GetFunctionList");
  if (get == NULL || get(&soft) != ok) return generalError;
  own = *soft;
  own.all[getTokenInfo] = (void *)tokenInfo;
  own.all[login] = (void *)logIn;
  *list = &own;
  return ok;
}

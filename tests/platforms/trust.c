/* Adds a certificate authority to those that Windows trusts for this user: trust FILE.pem */
#include <stdio.h>
#include <windows.h>
#include <wincrypt.h>

static int fail(const char *action)
{
    fprintf(stderr, "%s: error %lu\n", action, GetLastError());
    return 1;
}

int main(int argc, char **argv)
{
    static char pem[16384];
    static BYTE der[16384];
    DWORD length = sizeof der;
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (file == NULL)
        return 2;
    size_t read = fread(pem, 1, sizeof pem, file);
    fclose(file);
    if (!CryptStringToBinaryA(pem, (DWORD)read, CRYPT_STRING_BASE64HEADER, der, &length, NULL, NULL))
        return fail(argv[1]);
    HCERTSTORE store
        = CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_CURRENT_USER, L"Root");
    if (store == NULL)
        return fail("CertOpenStore");
    if (!CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, der, length,
                                          CERT_STORE_ADD_REPLACE_EXISTING, NULL))
        return fail("CertAddEncodedCertificateToStore");
    return CertCloseStore(store, 0) ? 0 : fail("CertCloseStore");
}

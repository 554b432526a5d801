{
  "targets": [
    {
      "target_name": "reuse",
      "defines": ["NAPI_VERSION=8"],
      "sources": ["native/binding.c"],
      "conditions": [
        ["OS=='win'", {
          "sources": ["native/sockets_windows.c"],
          "libraries": ["-lws2_32.lib"],
          "msvs_settings": {
            "VCCLCompilerTool": { "WarningLevel": 4 },
            "VCLinkerTool": { "AdditionalOptions": ["/PDBALTPATH:reuse.pdb"] }
          }
        }, {
          "sources": ["native/sockets_unix.c"],
          "cflags": ["-std=c11", "-Wall", "-Wextra", "-Werror=implicit", "-fvisibility=hidden"],
          "xcode_settings": {
            "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
            "MACOSX_DEPLOYMENT_TARGET": "11.0",
            "WARNING_CFLAGS": ["-Wall", "-Wextra"]
          }
        }],
        ["OS=='linux'", {
          "defines": ["_GNU_SOURCE"],
          "sources": ["native/filter_linux.c", "native/peers_linux.c"]
        }, {
          "sources": ["native/unsupported.c"]
        }]
      ]
    }
  ]
}

"""The WeChat Work protocol: signatures, encryption, envelopes. The only package that imports wechatpy."""

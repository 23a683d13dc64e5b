nobase_dist_pkgdata_DATA += \
	themes/colorblind.theme \
	themes/default.theme \
	themes/high-contrast.theme \
	themes/light.theme \
	themes/mono.theme
